"""The gate's pages of the console over HTTP: what they show, who may act, what they refuse, and in which words."""

import html
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import httpx
import msgspec
import pytest
import uuid6

from hub.console.gate_desk_words import GATE_DESK_WORDS
from hub.console.gate_evidence import told
from hub.console.gate_value_words import GATE_VALUE_WORDS
from hub.console.gate_words import GATE_WORDS
from hub.console.words import WORDS, Language, word
from hub.fleet.enrolment import ensure_hall
from hub.gate import cases
from hub.gate.case_states import CaseKind, CaseState, Move
from hub.people.staff import put_member
from kiosk.clock import CHINA, WallClock
from kiosk.wire import routes
from kiosk.wire.appointments import AppointmentStatus
from kiosk.wire.digest import person_digest
from kiosk.wire.events import LaneAlarm, LaneTrouble, StaffAct, StaffAction
from kiosk.wire.evidence import Colour
from kiosk.wire.fleet import Health
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.test_console_gate_evidence import evidence

Running = Any
Sender = Any
NUMBER = "110101199003070011"
PIN = "384756"
HALL = "weinan"
ROOT = f"/gate/{HALL}"
NAMES = {"w01": "王芳", "w02": "李强", "w03": "周锁"}
HOSTILE = "<script>alert(1)</script>'\"&"


@pytest.fixture(scope="module")
def staffed(running: Running) -> Running:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        ensure_hall(connection, HALL, running.hub.now())
        for staff_id, name in NAMES.items():
            put_member(connection, hall=HALL, staff_id=staff_id, name=name, pin=PIN, now=running.hub.now())
    return running


def browser(running: Running, staff_id: str = "") -> httpx.Client:
    client = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True)
    running.clients.append(client)
    if staff_id:
        running.sign_in(client, "supervisor", hall=HALL, staff_id=staff_id, name=NAMES[staff_id])
    else:
        running.sign_in(client, "auditor", hall=HALL, staff_id="looks", name="何看")
    return client


@pytest.fixture
def desk(staffed: Running) -> httpx.Client:
    return browser(staffed, "w01")


def referred(terminal: Sender, *reasons: Reason, **given: Any) -> Any:
    decision = Decision(verdict=Verdict.REFER, reasons=reasons or (Reason.TEMPERATURE_HIGH,), rules_version=1)
    passage = terminal.passage(decision=decision, **given)
    terminal.send(passage)
    return passage


def case_of(running: Running, passage: Any) -> Any:
    with running.hub.engine.connect() as connection:
        every = cases.listed(connection, HALL) + cases.listed(connection, HALL, closed=True)
    return next(each for each in every if each.passage == passage.id)


def health(terminal: Sender, **changes: Any) -> None:
    given: dict[str, Any] = {
        "terminal": terminal.enrolled.terminal,
        "role": "gate",
        "version": "0.1.0",
        "made": WallClock().now(),
        "in_service": True,
        "view": "gate.Welcome",
        "rules_version": 1,
        "outbox_waiting": 0,
        "outbox_dead": 0,
        "list_made": WallClock().now() - timedelta(minutes=3),
    }
    answer = terminal.http.post(routes.HEALTH, content=msgspec.json.encode(Health(**{**given, **changes})))
    assert answer.status_code == 200


def seen(answer: httpx.Response) -> str:
    """The page as somebody reads it."""
    text = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


PREFIXED = {"case_": CaseKind, "state_": CaseState, "step_": Move, "act_": StaffAct, "trouble_": LaneTrouble}


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [*PREFIXED.items(), ("status_", AppointmentStatus), ("health_", Colour)],
)
def test_every_value_has_words(prefix: str, kind: type[StrEnum]) -> None:
    for value in kind:
        assert prefix + value.value in WORDS
        assert re.search(r"[\u4e00-\u9fff]", word(prefix + value.value, Language.ZH))
        assert word(prefix + value.value, Language.EN).isascii()


def test_every_refusal_has_words() -> None:
    for kind in ("no_such_case", "changed", "not_possible", "invalid", "reading_needed"):
        assert f"case_{kind}" in WORDS
    for kind in (
        "no_such_hall",
        "no_such_slot",
        "full",
        "past",
        "already_booked",
        "not_possible",
        "changed",
        "invalid",
    ):
        assert f"appointment_{kind}" in WORDS


def test_words_are_said_once_and_templates_use_words_that_exist() -> None:
    from hub.console.pages import STATIC

    own = {*GATE_WORDS, *GATE_DESK_WORDS, *GATE_VALUE_WORDS}
    assert len(own) == len(GATE_WORDS) + len(GATE_DESK_WORDS) + len(GATE_VALUE_WORDS)
    assert len(WORDS) == len(own) + len([key for key in WORDS if key not in own])
    used: set[str] = set()
    for template in (STATIC.parent / "templates" / "gate").glob("*.html"):
        for key in re.findall(r'w\("([a-z_]+)"\)', template.read_text()):
            assert key in WORDS, f"{template.name}: {key}"
            used.add(key)
    assert "acknowledge" in used


PAGES = (
    "",
    "/cases",
    "/appointments",
    "/registers",
    "/rules",
    "/rules?start=level-1",
    "/registers?days=30",
)


@pytest.mark.parametrize("language", list(Language))
def test_every_page_in_both_languages(staffed: Running, terminal: Sender, language: Language) -> None:
    passage = referred(terminal, Reason.TEMPERATURE_HIGH, name_masked=HOSTILE, number_masked=HOSTILE, lane=HOSTILE[:20])
    health(terminal, view=HOSTILE)
    number = case_of(staffed, passage).number
    for client in (browser(staffed), browser(staffed, "w01")):
        for path in (*PAGES, f"/cases/{number}"):
            answer = client.get(ROOT + path, params={"lang": language.value})
            assert answer.status_code == 200, path
            assert f'<html lang="{language.value}">' in answer.text
            assert "<script>alert" not in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            if language is Language.EN:
                text = seen(answer)
                assert [
                    zh
                    for zh, _ in (GATE_WORDS | GATE_DESK_WORDS | GATE_VALUE_WORDS).values()
                    if len(zh) > 3 and zh in text
                ] == []


def test_unknown_halls_cases_and_appointments(staffed: Running, desk: httpx.Client) -> None:
    staffed.sign_in(desk, "supervisor", staff_id="all")  # of all halls: of others one is not even told
    for path in ("/gate/nowhere", f"{ROOT}/cases/999999", f"{ROOT}/appointments/NOTHERE2", "/gate/nowhere/rules"):
        assert desk.get(path).status_code == 404
    assert desk.post(f"{ROOT}/cases/999999/acknowledge").status_code == 404
    assert browser(staffed).get("/gate").url.path.startswith("/gate/")


def test_only_our_own_pages_may_act(staffed: Running, terminal: Sender, desk: httpx.Client) -> None:
    number = case_of(staffed, referred(terminal)).number
    path = f"{ROOT}/cases/{number}/acknowledge"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert desk.post(path, headers=headers).status_code == 403
    assert case_of(staffed, terminal_passage(staffed, number)).acknowledged is None
    assert desk.post(path, headers={"Origin": staffed.at.console, "Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert case_of(staffed, terminal_passage(staffed, number)).acknowledged_by == "w01"


def terminal_passage(running: Running, number: int) -> Any:
    """Something with the passage of a case as its id."""
    with running.hub.engine.connect() as connection:
        found = cases.find(connection, number)
    assert found is not None

    class Passage:
        id = found.passage

    return Passage


def test_who_may_only_look_is_shown_no_forms(staffed: Running, terminal: Sender) -> None:
    number = case_of(staffed, referred(terminal)).number
    for path in (f"{ROOT}/cases/{number}", f"{ROOT}/appointments", f"{ROOT}/rules", f"{ROOT}/registers"):
        page = browser(staffed).get(path)
        assert page.status_code == 200
        main = page.text[page.text.index("<main") :]
        assert (
            re.findall(r'<form method="post" action="[^"]*/(?:act|publish|share|seats|slots|appointments)"', main) == []
        )
        assert browser(staffed, "w01").get(path).status_code == 200


def test_the_lanes_show_who_is_before_them_and_what_they_run(staffed: Running, desk: httpx.Client) -> None:
    lane = staffed.terminal()
    health(lane, rules_version=77, entered=5, left=2)
    lane.send(lane.passage(name_masked="闸*前"))
    name = lane.enrolled.terminal
    page = desk.get(ROOT, params={"lang": "en"}).text
    card = page[page.index(f'id="lane-{name}"') :]
    card = html.unescape(re.sub(r"<[^>]+>", " ", card[: card.index("</article>")]))
    for words in ("At the gate", "闸*前", "77", "Should run", "5 in, 2 out", "In service", "min ago"):
        assert words in card, words
    health(lane, paused=True, entered=5, left=2)
    page = desk.get(ROOT, params={"lang": "zh-Hans"}).text
    assert "已暂停" in page[page.index(f'id="lane-{name}"') :].split("</article>")[0]


def test_todays_figures_count_by_outcome_and_reason(staffed: Running, desk: httpx.Client, terminal: Sender) -> None:
    def counted() -> int:
        rows = re.findall(
            r"</td><td>Code of another hall</td><td class=\"num\">(\d+)", desk.get(ROOT + "?lang=en").text
        )
        return int(rows[0]) if rows else 0

    before = counted()
    decision = Decision(
        verdict=Verdict.REFUSE, reasons=(Reason.CODE_WRONG_HALL, Reason.CODE_WRONG_HALL), rules_version=1
    )
    terminal.send(terminal.passage(decision=decision), terminal.passage(decision=decision))
    assert counted() == before + 2


def test_search_by_name_number_digest_and_appointment(staffed: Running, desk: httpx.Client, terminal: Sender) -> None:
    key = bytes.fromhex(terminal.enrolled.hall_key)
    evidence = terminal.passage().evidence
    code = msgspec.structs.replace(evidence.code, code_id="QWERTY23")
    identity = msgspec.structs.replace(evidence.identity, person=person_digest("11010119900307934X", key))
    wanted = terminal.passage(
        name_masked="寻*人", evidence=msgspec.structs.replace(evidence, code=code, identity=identity)
    )
    terminal.send(wanted)
    for words in ("寻找人", "寻*人", "11010119900307934x", "110101 19900307 934X", identity.person, "qwerty23"):
        answer = desk.post(f"{ROOT}/search", data={"words": words})
        assert str(wanted.id) in answer.text, words
        assert "11010119900307934" not in answer.text
        assert "110101 19900307" not in answer.text
    assert word("found_nothing", Language.ZH) in seen(desk.post(f"{ROOT}/search", data={"words": "无此人"}))


def test_a_case_from_the_alarm_to_its_end(staffed: Running, desk: httpx.Client, terminal: Sender) -> None:
    passage = referred(terminal, Reason.TEMPERATURE_HIGH)
    number = case_of(staffed, passage).number
    path = f"{ROOT}/cases/{number}"
    desk.post(f"{path}/acknowledge")

    def act(move: str, **fields: str) -> httpx.Response:
        version = str(case_of(staffed, passage).version)
        return desk.post(f"{path}/act", data={"version": version, "move": move, **fields})

    act("take")
    refused = act("clear")
    assert refused.status_code == 422
    assert word("case_reading_needed", Language.ZH) in seen(refused)
    for bad in ("", "abc", "50", "nan", "inf"):
        assert act("read_again", temperature=bad).status_code == 422
    assert act("read_again", temperature="37，5").status_code == 200
    asked = {
        "question.0": "去过外地吗？",
        "answer.0": "没有",
        "question.1": "咳嗽吗？",
        "answer.1": "",
        "answer.9": "孤",
    }
    assert act("ask", **asked).status_code == 200
    assert act("ask", **{"question.1": "咳嗽吗？", "answer.1": " "}).status_code == 422
    assert act("clear").status_code == 422  # 37.5 is no normal reading: why?
    page = act("clear", text="医生到场，判断为日晒")
    case = case_of(staffed, passage)
    assert (case.state, case.closed_by, case.acknowledged_by) == (CaseState.CLEARED, "w01", "w01")
    for words in ("王芳 · w01", "37.5 °C", "去过外地吗？", "没有", "医生到场，判断为日晒", "解除，可进入"):
        assert words in seen(page), words
    assert 'value="take"' not in page.text
    assert act("note", text="后来电话回访，体温正常").status_code == 200


def test_two_people_do_not_overwrite_each_other(staffed: Running, desk: httpx.Client, terminal: Sender) -> None:
    passage = referred(terminal, Reason.FACE_UNSURE)
    path = f"{ROOT}/cases/{case_of(staffed, passage).number}"
    other = browser(staffed, "w02")
    assert other.post(f"{path}/act", data={"version": "1", "move": "take"}).status_code == 200
    late = desk.post(f"{path}/act", data={"version": "1", "move": "note", "text": "本人带了户口本"})
    assert late.status_code == 409
    text = seen(late)
    assert word("case_changed", Language.ZH) in text
    assert "李强 · w02 · 接手" in text
    assert "本人带了户口本" in late.text  # what was typed is still there, and goes through now
    (version,) = set(re.findall(r'name="version" value="(\d+)"', late.text))
    assert (
        desk.post(f"{path}/act", data={"version": version, "move": "note", "text": "本人带了户口本"}).status_code == 200
    )
    with staffed.hub.engine.connect() as connection:
        steps = [(step.who, step.what) for step in cases.history(connection, case_of(staffed, passage).number)]
    assert steps == [("", "opened"), ("w02", "take"), ("w01", "note")]


@pytest.mark.parametrize(
    "data", [{}, {"version": "x", "move": "take"}, {"version": "1", "move": "fly"}, {"move": "take"}]
)
def test_forms_that_are_none(staffed: Running, desk: httpx.Client, terminal: Sender, data: dict[str, str]) -> None:
    number = case_of(staffed, referred(terminal)).number
    assert desk.post(f"{ROOT}/cases/{number}/act", data=data).status_code == 422
    assert desk.post(f"{ROOT}/cases/{number}/act", content=b"\xff\xfe=1").status_code in {401, 422}
    assert desk.post(f"{ROOT}/cases/{number}/act", content=b"a" * 300_000).status_code == 413


def test_the_registers(staffed: Running, desk: httpx.Client) -> None:
    lane = staffed.terminal()
    passage = referred(lane, Reason.FACE_UNSURE)
    now = WallClock().now()

    def act(kind: StaffAct, **given: Any) -> StaffAction:
        return StaffAction(id=uuid6.uuid7(), act=kind, staff="w02", lane="1", at=now, **given)

    alarm = LaneAlarm(id=uuid6.uuid7(), trouble=LaneTrouble.FORCED, lane="1", at=now)
    lane.send(act(StaffAct.COUNT_SET, count=42), alarm)
    text = seen(desk.get(f"{ROOT}/registers"))
    assert f"{lane.enrolled.terminal} ▲ 该消毒了" in text
    assert "更正在场人数 42" in text
    assert "强行闯闸" in text
    lane.send(act(StaffAct.DISINFECTED), act(StaffAct.ADMITTED, passage=passage.id, reason="other"))
    text = seen(desk.get(f"{ROOT}/registers"))
    assert "现场放行 其他原因" in text, "not the word of another enumeration"
    assert "现场放行 其他原因" in seen(desk.get(f"{ROOT}/cases/{case_of(staffed, passage).number}"))
    assert f"{lane.enrolled.terminal} ● 未到时间" in text
    filtered = seen(desk.get(f"{ROOT}/registers", params={"act": "disinfected", "days": "7"}))
    assert "更正在场人数 42" not in filtered
    path = f"{ROOT}/troubles/{lane.enrolled.terminal}/{alarm.id}/acknowledge"
    assert desk.post(path).status_code == 200
    rows = staffed.rows("SELECT acknowledged_by FROM lane_alarm WHERE id = ?", str(alarm.id))
    assert rows == [("w01",)]


def tomorrow(hour: int) -> datetime:
    day = WallClock().now().astimezone(CHINA) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def test_book_change_and_cancel_at_the_help_desk(staffed: Running, desk: httpx.Client) -> None:
    day, department = tomorrow(9).date().isoformat(), "社保 & 医保"
    opened = {
        "first": day,
        "days": "1",
        "from": "9",
        "to": "10",
        "capacity": "3",
        "weekends": "1",
        "department": department,
    }
    assert word("slots_opened", Language.ZH).format(number=2) in seen(desk.post(f"{ROOT}/slots", data=opened))
    nine, ten = (f"{tomorrow(hour).isoformat()}|{department}" for hour in (9, 10))
    person = {"day": day, "slot": nine, "name": "欧阳小明", "number": NUMBER, "companions": "1"}
    booked = desk.post(f"{ROOT}/appointments", data=person)
    assert booked.status_code == 200
    code = booked.url.path.rsplit("/", 1)[1]
    assert "KA1:" in booked.text
    assert "<svg" in booked.text
    assert "欧**明" in seen(booked)
    assert NUMBER not in booked.text
    assert "小" not in seen(booked).replace("最小", "")
    again = desk.post(f"{ROOT}/appointments", data=person)
    assert again.status_code == 409
    assert word("appointment_already_booked", Language.ZH) in seen(again)
    assert NUMBER not in again.text
    full = desk.post(f"{ROOT}/appointments", data={**person, "number": "", "companions": "5"})
    assert word("appointment_full", Language.ZH) in seen(full)
    assert desk.post(f"{ROOT}/appointments", data={**person, "slot": "x"}).status_code == 422
    assert desk.post(f"{ROOT}/appointments", data={**person, "companions": "99"}).status_code == 422
    path = f"{ROOT}/appointments/{code}"
    (change,) = set(re.findall(r'name="seen" value="(\d+)"', booked.text))
    moved = desk.post(f"{path}/move", data={"seen": change, "slot": ten, "companions": "0"})
    assert "10:00–11:00" in seen(moved)
    stale = desk.post(f"{path}/withdraw", data={"seen": change, "how": "cancel"})
    assert stale.status_code == 409
    assert word("appointment_changed", Language.ZH) in seen(stale)
    (change,) = set(re.findall(r'name="seen" value="(\d+)"', stale.text))
    gone = desk.post(f"{path}/withdraw", data={"seen": change, "how": "cancel"})
    assert word("status_cancelled", Language.ZH) in seen(gone)
    assert "<svg" not in gone.text
    rows = staffed.rows("SELECT taken FROM slot WHERE department = ?", department)
    assert rows == [(0,), (0,)]
    assert "欧**明" in seen(desk.get(f"{ROOT}/appointments", params={"day": day}))
    rows = staffed.rows("SELECT what, who, hall FROM audit WHERE subject = ? ORDER BY position", code)
    done = ("appointment_booked", "appointment_moved", "appointment_cancelled")
    assert rows == [(what, "w01", HALL) for what in done], "and nothing of what was refused"
    shown = seen(desk.get(path))
    for what in done:
        assert f"{word('change_' + what, Language.ZH)} · " in shown
    assert staffed.rows("SELECT who FROM audit WHERE what = 'slots_opened' ORDER BY position DESC LIMIT 1") == [
        ("w01",)
    ]


@pytest.mark.parametrize("language", list(Language))
def test_the_passage_page_has_all_eight_kinds_of_evidence_in_words(
    desk: httpx.Client, terminal: Sender, language: Language
) -> None:
    passage = referred(terminal, Reason.CERTIFICATE_UNSURE, evidence=evidence())
    where = f"{terminal.enrolled.hall}/{terminal.enrolled.terminal}"
    page = desk.get(f"/passages/{where}/{passage.id}", params={"lang": language.value})
    assert page.status_code == 200
    text = seen(page)
    for each in told(passage.evidence, None, language):
        assert f"{word(each.part, language)} " in text
    for part in ("36.4 °C", word("worn", language), word("alive_yes", language), word("health_green", language)):
        assert part in text


@pytest.mark.parametrize(
    "change", [{"days": "0"}, {"first": "soon"}, {"from": "20", "to": "9"}, {"capacity": "-1"}, {"to": "24"}]
)
def test_hours_that_cannot_be_opened(desk: httpx.Client, change: dict[str, str]) -> None:
    given = {"first": "2030-01-07", "days": "1", "from": "9", "to": "10", "capacity": "3", **change}
    answer = desk.post(f"{ROOT}/slots", data=given)
    assert answer.status_code == 422
    assert word("slots_invalid", Language.ZH) in seen(answer)
