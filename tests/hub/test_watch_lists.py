"""Watch lists at the hub: decided by two, signed for the gates, ended by date, told to whom they may be told."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import uuid6

from hub.audit.verify import verify
from hub.gate.replay import replay
from hub.people.everything import FOR_STAFF
from hub.people.proposals import State, find_proposal
from hub.store import schema
from hub.watch.decided import WAITS, note_dealt, sweep_watch
from hub.watch.publish import publish_watch
from kiosk.clock import local_date
from kiosk.wire import routes
from kiosk.wire.digest import person_digest
from kiosk.wire.events import StaffAct, StaffAction
from kiosk.wire.evidence import Watched
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Decision, Reason, Verdict
from kiosk.wire.signed import BadSignature
from kiosk.wire.signed import verify as verify_signature
from kiosk.wire.watch import DEALT_WITH, KIND, NOT_THEM, WatchList

Running = Any
NUMBERS = ("110101199003070011", "110101198001010010", "110101198501010017")
HALL = "weinan"


@pytest.fixture
def people(running: Running) -> Iterator[Any]:
    """Browsers of people in their roles."""
    made: list[httpx.Client] = []

    def one(role: str, hall: str = HALL, staff_id: str = "") -> httpx.Client:
        client = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True)
        made.append(client)
        running.sign_in(client, role, hall=hall, staff_id=staff_id or f"{role}-{hall or 'all'}"[:32])
        return client

    yield one
    for client in made:
        client.close()


def fields(running: Running, number: str = NUMBERS[0], kind: str = "needs_help", **change: str) -> dict[str, str]:
    until = local_date(running.hub.now()) + timedelta(days=30)
    return {
        "number": number,
        "kind": kind,
        "begins": "",
        "ends": until.isoformat(),
        "asked_by": "某某社区 2026-17 号",
        "why": "家属报失，老人走失",
        "note": "请到值班台",
        **change,
    }


def newest(running: Running) -> int:
    return int(running.rows("SELECT max(number) FROM proposal")[0][0])


def put(running: Running, people: Any, hall: str = HALL, **change: str) -> str:
    """Propose and confirm somebody; the entry's id."""
    answer = people("supervisor", hall).post(f"/gate/{hall}/watch", data=fields(running, **change))
    assert answer.status_code == 200, answer.text
    number = newest(running)
    answer = people("administrator", hall).post(f"/decisions/{number}/confirm")
    assert answer.status_code == 200, answer.text
    return str(running.rows("SELECT id FROM watch_entry WHERE proposal = ?", number)[0][0])


def list_of(gate: Any) -> WatchList:
    answer = gate.http.get(f"{routes.SIGNED}/{KIND}")
    assert answer.status_code == 200, answer.text
    signed = msgspec.json.decode(answer.content, type=Signed)
    body = verify_signature(signed, bytes.fromhex(gate.enrolled.rules_key))
    made = msgspec.json.decode(body, type=WatchList)
    assert made.version == signed.version
    return made


def write(running: Running, work: Any) -> Any:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        return work(connection)


def sweep(running: Running, **later: float) -> int:
    hub = running.hub
    now = hub.now() + timedelta(**later)
    return int(write(running, lambda c: sweep_watch(c, hub.signing, hub.unsealing, hub.data.hall_key, now)))


@pytest.fixture(autouse=True)
def _empty(running: Running) -> Iterator[None]:
    yield
    for table in (schema.watch_person, schema.watch_entry):
        write(running, lambda c, table=table: c.execute(table.delete()))


def test_two_people_put_somebody_on_the_list_and_the_gates_know_a_digest(running: Running, people: Any) -> None:
    gate = running.terminal("gate", HALL)
    first, second = people("supervisor"), people("administrator")
    shown = first.post(f"/gate/{HALL}/watch", data=fields(running))
    assert shown.status_code == 200
    assert "110101********0011" in shown.text
    assert NUMBERS[0] not in shown.text
    number = newest(running)
    own = first.post(f"/decisions/{number}/confirm")
    assert own.status_code == 409, "two people means two"
    asked = gate.http.get(f"{routes.SIGNED}/{KIND}")
    assert asked.status_code == 404 or json.loads(asked.content)["version"] >= 1
    assert "110101********0011" in second.get(f"/decisions/{number}").text
    assert second.post(f"/decisions/{number}/confirm").status_code == 200
    made = list_of(gate)
    (entry,) = made.entries
    assert entry.person == person_digest(NUMBERS[0], bytes.fromhex(gate.enrolled.hall_key))
    assert (entry.kind.value, entry.note) == ("needs_help", "请到值班台")
    raw = msgspec.json.encode(made)
    assert b"110101" not in raw
    told = running.rows("SELECT what, who, detail FROM audit WHERE subject = ?", f"watch-{entry.id}")
    assert [row[0] for row in told] == ["watch_listed"]
    for table in ("audit", "proposal", "proposal_part", "watch_entry", "published", "event"):
        assert NUMBERS[0] not in str(running.rows(f"SELECT * FROM {table}")), table
    with running.hub.engine.connect() as connection:
        assert verify(connection).problems == ()


def test_the_same_person_is_another_digest_in_each_hall(running: Running, people: Any) -> None:
    gates = {hall: running.terminal("gate", hall) for hall in ("watch-a", "watch-b")}
    chief, other = people("supervisor", ""), people("administrator", "")
    assert chief.post("/gate/watch-a/watch", data=fields(running, everywhere="on")).status_code == 200
    assert other.post(f"/decisions/{newest(running)}/confirm").status_code == 200
    one, two = (list_of(gate).entries[0] for gate in gates.values())
    assert one.id == two.id
    assert one.person != two.person
    late = running.terminal("gate", "watch-later")
    sweep(running)
    (entry,) = list_of(late).entries
    assert entry.person == person_digest(NUMBERS[0], bytes.fromhex(late.enrolled.hall_key))


def test_a_no_deletes_who_it_was_about(running: Running, people: Any) -> None:
    assert people("supervisor").post(f"/gate/{HALL}/watch", data=fields(running)).status_code == 200
    number = newest(running)
    assert people("administrator").post(f"/decisions/{number}/refuse", data={"why": "no"}).status_code == 200
    assert running.rows("SELECT count(*) FROM watch_entry") == [(0,)]
    assert running.rows("SELECT count(*) FROM watch_person") == [(0,)]
    assert running.rows("SELECT count(*) FROM audit WHERE what = 'removed' AND subject = 'watch'")[0][0] >= 1


def test_what_was_changed_after_it_was_proposed_is_not_put_in_force(running: Running, people: Any) -> None:
    assert people("supervisor").post(f"/gate/{HALL}/watch", data=fields(running)).status_code == 200
    write(running, lambda c: c.execute(schema.watch_entry.update().values(kind="wanted")))
    answer = people("administrator").post(f"/decisions/{newest(running)}/confirm")
    assert answer.status_code == 409
    assert running.rows("SELECT count(*) FROM watch_entry WHERE active") == [(0,)]
    with running.hub.engine.connect() as connection:
        proposal = find_proposal(connection, newest(running))
    assert proposal is not None
    assert proposal.state is State.OPEN


@pytest.mark.parametrize("role", ["entry", "window", "back_office", "technician"])
def test_others_see_nothing_of_it(running: Running, people: Any, role: str) -> None:
    browser = people(role)
    assert browser.get(f"/gate/{HALL}/watch").status_code == 403
    assert browser.post(f"/gate/{HALL}/watch", data=fields(running)).status_code == 403
    assert browser.post(f"/gate/{HALL}/watch/search", data={"wanted": NUMBERS[0]}).status_code == 403
    if role == "entry":
        assert "/watch" not in browser.get(f"/gate/{HALL}").text


def test_an_auditor_looks_and_changes_nothing(running: Running, people: Any) -> None:
    identifier = put(running, people)
    browser = people("auditor")
    page = browser.get(f"/gate/{HALL}/watch")
    assert page.status_code == 200
    assert "110101********0011" in page.text
    assert 'id="propose"' not in page.text
    assert browser.post(f"/gate/{HALL}/watch", data=fields(running)).status_code == 403
    assert browser.post(f"/gate/{HALL}/watch/{identifier}/take-back", data={"why": "x"}).status_code == 403
    assert browser.post(f"/gate/{HALL}/watch/{identifier}/number").status_code == 403


def test_a_hall_cannot_list_for_all_nor_touch_anothers(running: Running, people: Any) -> None:
    running.terminal("gate", "watch-other")
    identifier = put(running, people, "watch-other")
    browser = people("supervisor")
    assert browser.post(f"/gate/{HALL}/watch", data=fields(running, everywhere="on")).status_code == 403
    assert browser.post(f"/gate/{HALL}/watch/{identifier}/take-back", data={"why": "x"}).status_code == 404
    assert browser.post(f"/gate/{HALL}/watch/{identifier}/number").status_code == 404
    chief, second = people("supervisor", ""), people("administrator", "")
    chief.post(f"/gate/{HALL}/watch", data=fields(running, number=NUMBERS[1], everywhere="on"))
    second.post(f"/decisions/{newest(running)}/confirm")
    whole = running.rows("SELECT id FROM watch_entry WHERE hall = ''")[0][0]
    assert browser.post(f"/gate/{HALL}/watch/{whole}/take-back", data={"why": "x"}).status_code == 403


def test_what_is_wrong_is_told_and_what_was_typed_stays(running: Running, people: Any) -> None:
    bad = fields(running, number="110101199003070012", why="多次信访", asked_by="<script>alert(1)</script>")
    answer = people("supervisor").post(f"/gate/{HALL}/watch", data=bad)
    assert answer.status_code == 422
    assert "校验码" in answer.text
    assert "公民的权利" in answer.text
    assert 'value="110101199003070012"' in answer.text
    assert "<script>alert" not in answer.text
    assert running.rows("SELECT count(*) FROM watch_entry") == [(0,)]


def test_somebody_who_is_on_it_already_is_told(running: Running, people: Any) -> None:
    put(running, people)
    answer = people("supervisor").post(f"/gate/{HALL}/watch", data=fields(running))
    assert answer.status_code == 409
    assert people("supervisor").post(f"/gate/{HALL}/watch", data=fields(running, kind="wanted")).status_code == 200


def test_a_file_is_taken_whole_or_not_at_all(running: Running, people: Any) -> None:
    browser = people("supervisor")
    until = local_date(running.hub.now()) + timedelta(days=9)
    head = "证件号码,类别,截止,提出单位,依据,提示"
    good = [f"{number},证件挂失,{until},市公安局,挂失登记 12345,=1+1" for number in NUMBERS]
    bad = f"110101199003070012,证件挂失,{until},市公安局,挂失登记 12345,"
    answer = browser.post(f"/gate/{HALL}/watch/import", data={"file": "\n".join([head, *good, bad])})
    assert answer.status_code == 422
    assert "第 5 行" in answer.text
    assert running.rows("SELECT count(*) FROM watch_entry") == [(0,)]
    answer = browser.post(f"/gate/{HALL}/watch/import", data={"file": "\n".join([head, *good])})
    assert answer.status_code == 200
    assert running.rows("SELECT count(*), count(DISTINCT proposal) FROM watch_entry") == [(3, 1)]
    assert people("administrator").post(f"/decisions/{newest(running)}/confirm").status_code == 200
    assert running.rows("SELECT count(*) FROM watch_entry WHERE active") == [(3,)]
    again = browser.post(f"/gate/{HALL}/watch/import", data={"file": "\n".join([head, *good])})
    assert again.status_code == 409
    assert "第 2 行" in again.text


def test_search_finds_by_number_and_tells_a_mistyped_one(running: Running, people: Any) -> None:
    identifier = put(running, people)
    browser = people("auditor")
    found = browser.post(f"/gate/{HALL}/watch/search", data={"wanted": " 110101 19900307 0011 "})
    assert identifier in found.text
    assert identifier not in browser.post(f"/gate/{HALL}/watch/search", data={"wanted": NUMBERS[1]}).text
    mistyped = browser.post(f"/gate/{HALL}/watch/search", data={"wanted": "110101199003070012"})
    assert mistyped.status_code == 422
    assert "校验码" in mistyped.text
    told = running.rows("SELECT detail FROM audit WHERE what = 'watch_searched'")
    assert len(told) == 2
    assert NUMBERS[0] not in str(told)


def test_a_number_is_shown_to_who_may_with_a_row_in_the_audit(running: Running, people: Any) -> None:
    identifier = put(running, people)
    shown = people("supervisor").post(f"/gate/{HALL}/watch/{identifier}/number")
    assert NUMBERS[0] in shown.text
    seen = running.rows(
        "SELECT count(*) FROM audit WHERE what = 'watch_number_seen' AND subject = ?", f"watch-{identifier}"
    )
    assert seen == [(1,)]


def test_taken_back_early_it_is_gone_here_and_at_the_gates(running: Running, people: Any) -> None:
    gate = running.terminal("gate", HALL)
    identifier = put(running, people)
    before = list_of(gate)
    browser = people("supervisor")
    assert browser.post(f"/gate/{HALL}/watch/{identifier}/take-back", data={}).status_code == 422
    done = browser.post(f"/gate/{HALL}/watch/{identifier}/take-back", data={"why": "人已找到"})
    assert done.status_code == 200
    after = list_of(gate)
    assert after.entries == ()
    assert after.version > before.version
    assert running.rows("SELECT count(*) FROM watch_person") == [(0,)]
    assert running.rows("SELECT count(*) FROM published WHERE kind = 'watch' AND hall = ?", HALL) == [(1,)]
    told = running.rows("SELECT what FROM audit WHERE subject = ?", f"watch-{identifier}")
    assert [row[0] for row in told] == ["watch_listed", "watch_taken_back"]
    assert browser.post(f"/gate/{HALL}/watch/{identifier}/take-back", data={"why": "again"}).status_code == 409


def test_what_one_lane_has_dealt_with_calls_nobody_out_at_the_next(running: Running, people: Any) -> None:
    hall, hub = "watch-lanes", running.hub
    first, second = (running.terminal("gate", hall) for _ in range(2))
    identifier = put(running, people, hall)
    passage = referred(first, identifier)
    other = referred(first, identifier)
    first.send(passage, other)

    def act(about: Any, reason: str) -> StaffAction:
        return StaffAction(
            id=uuid6.uuid7(),
            act=StaffAct.ADMITTED,
            staff="lwd",
            lane="1",
            passage=about.id,
            reason=reason,
            at=hub.now(),
        )

    first.send(act(other, NOT_THEM))
    assert write(running, lambda c: note_dealt(c, hub.signing, hub.now())) == 0
    assert list_of(second).entries[0].dealt is None
    version = list_of(second).version
    first.send(act(passage, DEALT_WITH))
    write(running, lambda c: note_dealt(c, hub.signing, hub.now()))  # or the hub's own timer was first
    assert list_of(second).entries[0].dealt == local_date(hub.now())
    assert list_of(second).version == version + 1
    assert write(running, lambda c: note_dealt(c, hub.signing, hub.now())) == 0, "once is enough"


def test_it_ends_by_its_date_with_a_proof(running: Running, people: Any) -> None:
    gate = running.terminal("gate", HALL)
    put(running, people)
    assert sweep(running) == 0
    assert len(list_of(gate).entries) == 1
    assert sweep(running, days=32) == 1
    assert list_of(gate).entries == ()
    detail = json.loads(running.rows("SELECT detail FROM audit WHERE what = 'removed' AND subject = 'watch'")[-1][0])
    assert detail["records"] == 1
    assert people("auditor").get("/privacy").status_code == 200
    with running.hub.engine.connect() as connection:
        assert verify(connection).problems == ()


def test_what_nobody_answers_for_two_weeks_is_forgotten(running: Running, people: Any) -> None:
    assert people("supervisor").post(f"/gate/{HALL}/watch", data=fields(running)).status_code == 200
    number = newest(running)
    sweep(running, days=WAITS.days - 1)
    assert running.rows("SELECT count(*) FROM watch_entry") == [(1,)]
    sweep(running, days=WAITS.days + 1)
    assert running.rows("SELECT count(*) FROM watch_entry") == [(0,)]
    assert running.rows("SELECT state FROM proposal WHERE number = ?", number) == [("refused",)]
    assert people("administrator").post(f"/decisions/{number}/confirm").status_code == 409


def test_a_list_is_for_gates_and_no_desk_gets_it(running: Running, people: Any) -> None:
    put(running, people)
    assert running.terminal("desk", HALL).http.get(f"{routes.SIGNED}/{KIND}").status_code == 404
    assert running.terminal("gate", HALL).http.get(f"{routes.SIGNED}/{KIND}").status_code == 200


def test_nothing_is_signed_anew_where_nothing_changed(running: Running, people: Any) -> None:
    gate = running.terminal("gate", HALL)
    put(running, people)
    version = list_of(gate).version
    hub = running.hub
    assert write(running, lambda c: publish_watch(c, hub.signing, HALL, hub.now())) is None
    assert list_of(gate).version == version


def test_a_list_that_was_changed_on_its_way_is_not_believed(running: Running, people: Any) -> None:
    gate = running.terminal("gate", HALL)
    put(running, people)
    signed = msgspec.json.decode(gate.http.get(f"{routes.SIGNED}/{KIND}").content, type=Signed)
    key = bytes.fromhex(gate.enrolled.rules_key)
    for forged in (
        msgspec.structs.replace(signed, version=signed.version + 1),
        msgspec.structs.replace(signed, kind="staff"),
        msgspec.structs.replace(signed, body=signed.body.replace(b"needs_help", b"wanted")),
    ):
        with pytest.raises(BadSignature):
            verify_signature(forged, key)


def referred(gate: Any, entry: str) -> Any:
    """A passage of somebody who is on the list."""
    plain = gate.passage()
    evidence = msgspec.structs.replace(plain.evidence, watch=Watched(entry=entry, list_version=1))
    decision = Decision(verdict=Verdict.REFER, reasons=(Reason.ON_WATCH_LIST,), rules_version=1)
    return msgspec.structs.replace(plain, evidence=evidence, decision=decision)


def test_entry_staff_see_class_and_what_to_do_on_the_case(running: Running, people: Any) -> None:
    hall = "watch-case"
    gate = running.terminal("gate", hall)
    identifier = put(running, people, hall)
    passage = referred(gate, identifier)
    gate.send(passage)
    browser = people("entry", hall)
    number = running.rows("SELECT number FROM gate_case WHERE passage = ?", str(passage.id))[0][0]
    for address in (
        f"/gate/{hall}/cases/{number}",
        f"/passages/{hall}/{passage_terminal(running, passage)}/{passage.id}",
    ):
        page = browser.get(address)
        assert page.status_code == 200, address
        assert "走失需帮助" in page.text, address
        assert "请坐下休息" in page.text
        assert NUMBERS[0] not in page.text
    assert "名单提示" in browser.get(f"/gate/{hall}/cases").text
    with running.hub.engine.connect() as connection:
        found = replay(connection, hall)
    assert found.good
    assert found.passages == 1


def passage_terminal(running: Running, passage: Any) -> str:
    return str(running.rows("SELECT terminal FROM passage WHERE id = ?", str(passage.id))[0][0])


@pytest.mark.parametrize(("kind", "told"), [("needs_help", True), ("wanted", False)])
def test_what_a_person_is_told_and_what_stays(running: Running, people: Any, kind: str, told: bool) -> None:
    hall = f"watch-told-{kind.replace('_', '-')}"
    gate = running.terminal("gate", hall)
    identifier = put(running, people, hall, kind=kind)
    passage = referred(gate, identifier)
    gate.send(passage)
    chief = people("supervisor", hall)
    request = {"number": NUMBERS[0], "ground": "SQ-9", "sure": "on"}
    export = chief.post("/privacy/export", data=request)
    found = export.json()
    assert [each["entry"] for each in found["watch"]] == ([identifier] if told else [])
    assert "on_watch_list" not in export.text
    assert found["passages"][0]["reasons"] == FOR_STAFF
    assert "请到值班台" not in export.text, "what staff were asked to do is not about the person"
    erased = chief.post("/privacy/erase", data=request)
    assert erased.status_code == 200
    assert (identifier in re.sub(r"[^A-Z2-7]", "", erased.text)) is told, "what is kept is named, where it may be"
    assert running.rows("SELECT count(*) FROM watch_entry WHERE id = ?", identifier) == [(1,)]
    person = running.rows("SELECT person FROM passage WHERE id = ?", str(passage.id))[0][0]
    assert (person is None) is told, "evidence for the police stays as long as the entry"
    with running.hub.engine.connect() as connection:
        assert replay(connection, hall).good, "a passage decides the same after it was emptied"
        assert verify(connection).problems == ()
