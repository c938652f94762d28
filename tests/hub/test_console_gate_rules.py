"""The console's rules page: rehearse, publish in steps, roll back; errors in words, nobody overwritten."""

import re
from typing import Any

import httpx
import msgspec
import pytest

from hub.audit.verify import verify
from hub.console.gate_audit import RULES_SUBJECT
from hub.console.gate_queries import wanted_versions
from hub.console.gate_questions import MOST
from hub.console.gate_rules import rules_toml
from hub.console.words import Language, word
from hub.people.staff import put_member
from hub.rules.publish import LEVELS, rules_from
from hub.rules.stages import RULES, in_force, stages
from kiosk.clock import WallClock
from kiosk.wire.rules import Decision, Reason, Verdict

Running = Any
HALL = "rulehall"
ROOT = f"/gate/{HALL}"
PIN = "384756"
STAFF = "r01"
SECOND = "r02"
LEVEL_4 = LEVELS["level-4"].read_text()


@pytest.fixture(scope="module")
def lanes(running: Running) -> list[Any]:
    return [running.terminal("gate", HALL) for _ in range(3)]


@pytest.fixture
def desk(running: Running, lanes: list[Any]) -> httpx.Client:
    client = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True)
    running.clients.append(client)
    if not running.rows("SELECT id FROM staff WHERE hall = ?", HALL):
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            put_member(connection, hall=HALL, staff_id="r01", name="孙主任", pin=PIN, now=running.hub.now())
    running.sign_in(client, "supervisor", hall=HALL, staff_id="r01", name="孙主任")
    return client


def newest(running: Running) -> Any:
    with running.hub.engine.connect() as connection:
        return stages(connection, RULES, HALL)[0]


def send(running: Running, desk: httpx.Client, **fields: str) -> httpx.Response:
    return desk.post(f"{ROOT}/rules", data={"newest": str(newest(running).version), "do": "publish", **fields})


def confirm(running: Running, status: int = 303) -> None:
    """A second person confirms the newest proposal."""
    number = running.rows("SELECT max(number) FROM proposal")[0][0]
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as second:
        running.sign_in(second, "supervisor", hall=HALL, staff_id=SECOND, name="钱主任")
        assert second.get(f"/decisions/{number}").status_code == 200
        assert second.post(f"/decisions/{number}/confirm").status_code == status


@pytest.mark.parametrize("level", list(LEVELS))
def test_an_edition_as_text_is_the_same_edition(level: str) -> None:
    now = WallClock().now()
    rules = rules_from(LEVELS[level].read_text(), HALL, 3, now, 120)
    assert rules_from(rules_toml(rules), HALL, 3, now) == rules


def test_rehearsal_tells_who_would_have_been_decided_differently(
    running: Running, desk: httpx.Client, lanes: list[Any]
) -> None:
    decision = Decision(verdict=Verdict.REFER, reasons=(Reason.TEMPERATURE_HIGH,), rules_version=1)
    passage = lanes[0].passage(name_masked="演*习", decision=decision)
    lanes[0].send(passage)
    before = newest(running).version
    answer = desk.post(f"{ROOT}/rules", data={"text": LEVEL_4, "do": "rehearse", "days": "1"})
    assert answer.status_code == 200
    assert str(passage.id) in answer.text
    assert "演*习" in answer.text
    assert newest(running).version == before
    anonymous = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
    running.clients.append(anonymous)
    assert anonymous.post(f"{ROOT}/rules", data={"text": LEVEL_4, "do": "rehearse"}).status_code == 401
    running.sign_in(anonymous, "entry", hall=HALL, staff_id="e01")
    assert "演*习" in anonymous.post(f"{ROOT}/rules", data={"text": LEVEL_4, "do": "rehearse"}).text
    assert anonymous.post(f"{ROOT}/rules", data={"text": LEVEL_4, "do": "publish"}).status_code == 403
    assert newest(running).version == before


def test_published_in_steps_and_rolled_back(running: Running, desk: httpx.Client, lanes: list[Any]) -> None:
    before = newest(running).version
    first = lanes[2].enrolled.terminal
    assert send(running, desk, text=LEVEL_4, share="0", **{f"to.{first}": "on"}).status_code == 200
    assert newest(running).version == before, "one person alone publishes nothing"
    number = running.rows("SELECT max(number) FROM proposal")[0][0]
    alone = desk.post(f"/decisions/{number}/confirm")
    assert alone.status_code == 409
    assert word("decision_same_person", Language.ZH) in alone.text
    assert newest(running).version == before
    confirm(running)
    confirm(running, 409)
    assert newest(running).version == before + 1
    with running.hub.engine.connect() as connection:
        wanted = wanted_versions(connection, HALL)
        for lane in lanes:
            name = lane.enrolled.terminal
            key = type("Key", (), {"hall": HALL, "terminal": name})()
            assert wanted[name] == in_force(connection, RULES, key).version  # type: ignore[union-attr]  published
        assert wanted[first] == before + 1
        assert set(wanted.values()) == {before, before + 1}
    share = {"newest": str(before + 1), "share": "100"}
    assert desk.post(f"{ROOT}/rules/share", data=share).status_code == 200
    confirm(running)
    shrink = desk.post(f"{ROOT}/rules/share", data={**share, "share": "10"})
    assert shrink.status_code == 422
    assert word("rules_no_shrinking", Language.ZH) in shrink.text
    assert desk.post(f"{ROOT}/rules/roll-back", data={"newest": str(before + 1)}).status_code == 200
    confirm(running)
    assert (newest(running).version, newest(running).origin) == (before + 2, before)
    done = running.rows(
        "SELECT what, who, version FROM audit WHERE subject = ? AND version > ? ORDER BY position",
        RULES_SUBJECT,
        before,
    )
    assert done == [
        ("rules_published", SECOND, before + 1),
        ("rules_shared", SECOND, before + 1),
        ("rules_rolled_back", SECOND, before + 2),
    ], "and nothing of what was refused"
    page = desk.get(f"{ROOT}/rules").text
    assert page.count(f"· {SECOND}</td>") >= 2, "the page says who published each"


def test_two_who_publish_do_not_overwrite_each_other(running: Running, desk: httpx.Client) -> None:
    seen = newest(running).version
    assert send(running, desk, text=LEVEL_4, share="100").status_code == 200
    number = running.rows("SELECT max(number) FROM proposal")[0][0]
    assert send(running, desk, text=LEVEL_4, share="100").status_code == 200
    confirm(running)
    text = LEVEL_4 + "\n# my own words\n"
    late = desk.post(f"{ROOT}/rules", data={"newest": str(seen), "text": text, "share": "100", "do": "publish"})
    assert late.status_code == 409
    assert word("rules_moved", Language.ZH).format(version=seen + 1) in late.text
    assert "# my own words" in late.text
    assert newest(running).version == seen + 1
    late = desk.post(f"{ROOT}/rules/roll-back", data={"newest": str(seen)})
    assert late.status_code == 409
    running.sign_in(desk, "supervisor", hall=HALL, staff_id=SECOND)
    late = desk.post(f"/decisions/{number}/confirm")
    assert late.status_code == 409, "what was proposed before somebody else's is not published over it"
    assert desk.post(f"/decisions/{number}/refuse", data={"why": "旧了"}).status_code == 200
    assert desk.post(f"/decisions/{number}/confirm").status_code == 409
    assert newest(running).version == seen + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("level = \n", "第 1 行"),
        ('level = "IV', "最后一行没有写完"),
        ('level = "IV"\nmasks = true\n', "没有“masks”这个字段"),
        ('level = "IV"\nmask = "always"\n', "字段“mask”的值不对"),
        ('level = "IV"\ntemperature_high_c = 30.0\n', "体温界限互相矛盾"),
        ('level = "IV"\nhealth_required = true\nhealth_schemes = []\n', "health_schemes allows none"),
        ("", "没有内容"),
    ],
)
def test_errors_are_shown_and_the_text_stays(running: Running, desk: httpx.Client, text: str, words: str) -> None:
    before = newest(running).version
    for do in ("publish", "rehearse"):
        answer = send(running, desk, text=text, share="100", do=do)
        assert answer.status_code == 422
        assert words in answer.text
        if text:
            shown = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
            assert shown is not None
            assert shown[1].strip().replace("&#34;", '"') == text.strip()
    assert newest(running).version == before


def test_seats_and_questions(running: Running, desk: httpx.Client) -> None:
    early = send(running, desk, text='level = "IV"\nseats_share = 0.5\n', share="100")
    assert early.status_code == 422
    assert "seats_share 之前" in early.text
    assert desk.post(f"{ROOT}/rules/seats", data={"seats": "0"}).status_code == 422
    assert desk.post(f"{ROOT}/rules/seats", data={"seats": "120"}).status_code == 200
    assert send(running, desk, text='level = "IV"\nseats_share = 0.5\n', share="100").status_code == 200
    many = "\n".join(f"问题{n}" for n in range(MOST + 1))
    refused = desk.post(f"{ROOT}/rules/questions", data={"lines": many})
    assert refused.status_code == 422
    assert f"问题{MOST}" in refused.text
    assert desk.post(f"{ROOT}/rules/questions", data={"lines": "甲？\n\n 乙？ \n甲？"}).status_code == 200
    told = running.rows("SELECT who, detail FROM audit WHERE what = 'seats_set' ORDER BY position DESC LIMIT 1")
    assert (told[0][0], msgspec.json.decode(told[0][1])["seats"]) == (STAFF, 120)
    asked = running.rows("SELECT who, version FROM audit WHERE what = 'questions_set' ORDER BY position DESC LIMIT 1")
    assert asked[0][0] == STAFF
    assert asked[0][1] >= 1
    with running.hub.engine.connect() as connection:
        assert [problem for problem in verify(connection).problems if "audit" in problem or "row" in problem] == []
    page = desk.get(f"{ROOT}/rules").text
    assert "甲？\n乙？</textarea>" in page
