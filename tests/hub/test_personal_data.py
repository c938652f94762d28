"""Personal data: kept as long as two people decided, then emptied with a proof; a person's own records; who looked."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import uuid6

from hub.audit.verify import verify
from hub.gate import cases
from hub.gate.case_states import Move
from hub.people.appointments import appoint
from hub.people.changes import changes_since
from hub.people.emptying import NOBODY
from hub.people.forgetting import sweep_kept
from hub.people.retention import CLASSES, expire_with_proof, kept_days
from kiosk.wire.appointments import AppointmentStatus
from kiosk.wire.catalogue import Delivery
from kiosk.wire.digest import person_digest
from kiosk.wire.events import DeliveryWanted, Envelope, Fate, Passage, StaffAct, StaffAction, Submission
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.office_world import JPEG, NUMBER, Citizen, World, pdf

Running = Any
OTHER_NUMBER = "110101198001010010"


@pytest.fixture
def chief(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True) as client:
        running.sign_in(client, "supervisor", staff_id="chief")
        yield client


def ask(client: httpx.Client, what: str, number: str, **fields: str) -> httpx.Response:
    return client.post(f"/privacy/{what}", data={"number": number, "ground": "SQ-2026-7", "sure": "on", **fields})


def events(running: Running, kind: str) -> list[Any]:
    rows = running.rows("SELECT body FROM event WHERE kind = ?", kind)
    return [msgspec.json.decode(body, type=Envelope).event for (body,) in rows]


def test_a_person_gets_all_of_theirs_and_nothing_of_others(running: Running, chief: httpx.Client) -> None:
    desk = running.terminal("desk", "p-one")
    mine, others = Citizen(desk), Citizen(desk, OTHER_NUMBER)
    number, other = mine.hand_in().number, others.hand_in().number
    desk.send(desk.passage())
    assert chief.post("/privacy/export", data={"number": NUMBER, "ground": "SQ-1"}).status_code == 422
    assert ask(chief, "export", NUMBER, ground="").status_code == 422
    answer = ask(chief, "export", NUMBER)
    assert "attachment" in answer.headers["content-disposition"]
    told = json.loads(answer.content)
    assert number in [each["number"] for each in told["submissions"]]
    assert other not in answer.text
    assert told["submissions"][0]["content"]["person"]["name"] == "王小明"
    assert told["passages"]
    assert json.loads(ask(chief, "export", "11010119990101007X").content)["submissions"] == []
    for typed in (NUMBER[:-1] + "2", NUMBER[:-1], "x"):
        mistyped = ask(chief, "export", typed)
        assert mistyped.status_code == 422, "a mistyped number is not answered with: nothing is kept"
    assert ask(chief, "erase", NUMBER, ground=f"申请 {NUMBER}").status_code == 422
    rows = running.rows("SELECT who, detail FROM audit WHERE what = 'person_export'")
    assert rows
    assert NUMBER not in str(running.rows("SELECT * FROM audit"))
    window = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
    running.clients.append(window)
    running.sign_in(window, "window", hall="p-one", staff_id="w01")
    assert ask(window, "export", NUMBER).status_code == 403


def test_erased_is_gone_and_what_the_law_keeps_is_named(running: Running, chief: httpx.Client) -> None:
    desk = running.terminal("desk", "p-two")
    number = Citizen(desk).hand_in().number
    desk.send(desk.passage())
    digest = person_digest(NUMBER, bytes.fromhex(desk.enrolled.hall_key))
    answer = ask(chief, "erase", NUMBER)
    assert answer.status_code == 200
    assert number in answer.text.replace(" ", "")
    assert running.rows("SELECT count(*) FROM passage WHERE person = ?", digest) == [(0,)]
    passages = [each for each in events(running, "passage") if isinstance(each, Passage)]
    assert not [each for each in passages if getattr(each.evidence.identity, "person", "") == digest]
    assert running.rows("SELECT count(*) FROM submission WHERE person = ?", digest) == [(1,)]
    with running.hub.engine.connect() as connection:
        assert verify(connection).problems == ()


def test_what_is_past_its_time_goes_with_its_papers_and_a_proof(running: Running) -> None:
    world = World(running)
    desk = running.terminal("desk", "p-three")
    world.staff("p-three")
    citizen = Citizen(desk)
    paper = citizen.paper(JPEG + b"of p-three")
    number = citizen.hand_in([paper]).number
    clerk = world.clerk("p-three", "w01")
    assert clerk.step(world.record(number), "reject", reason="不属于本机关").status_code == 303
    now = running.hub.now()

    def sweep(days: int) -> tuple[dict[str, int], list[str]]:
        return world.write(lambda connection: sweep_kept(connection, now + timedelta(days=days)))  # type: ignore[no-any-return]

    done, papers = sweep(10)
    assert "submissions" not in done
    done, papers = sweep(365 * 5 + 1)
    assert done["submissions"] >= 1
    assert paper.sha256 in papers
    running.hub.papers.forget(papers)
    assert running.hub.papers.size(paper.sha256) is None
    assert running.rows("SELECT person, name_masked FROM submission WHERE number = ?", number) == [(NOBODY, "")]
    (event,) = [
        each for each in events(running, "submission") if isinstance(each, Submission) and each.number == number
    ]
    assert (event.content_sealed, event.person, event.name_masked) == (b"", NOBODY, "")
    proof = running.rows("SELECT detail FROM audit WHERE what = 'removed' AND subject = 'submissions'")[-1][0]
    assert msgspec.json.decode(proof)["records"] >= 1
    with running.hub.engine.connect() as connection:
        assert verify(connection).problems == ()


def test_two_people_decide_how_long(running: Running, chief: httpx.Client) -> None:
    for kind, days in (("queue", "0"), ("submissions", "30"), ("nothing", "30"), ("queue", "x")):
        assert chief.post("/privacy/kept", data={"kind": kind, "days": days}).status_code == 422
    assert chief.post("/privacy/kept", data={"kind": "queue", "days": "7"}).status_code == 200
    number = running.rows("SELECT max(number) FROM proposal")[0][0]
    assert chief.post(f"/decisions/{number}/confirm").status_code == 409
    with running.hub.engine.connect() as connection:
        assert kept_days(connection)["queue"] == 30
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as second:
        running.sign_in(second, "administrator", staff_id="second")
        assert second.post(f"/decisions/{number}/confirm").status_code == 303
    with running.hub.engine.connect() as connection:
        assert kept_days(connection)["queue"] == 7
    assert [row[0] for row in running.rows("SELECT what FROM audit WHERE subject = ?", f"proposal-{number}")] == [
        "proposed",
        "confirmed",
    ]


def test_enrolled_faces_are_counted_and_warned_of(running: Running, chief: httpx.Client) -> None:
    now = running.hub.now()
    for hall, counts in (("p-six", (1, 50_000)), ("p-seven", (40_000, 39_999))):
        lane = running.terminal("gate", hall)
        for act, count in zip((StaffAct.ENROLLED, StaffAct.UNENROLLED), counts, strict=True):
            lane.send(StaffAction(id=uuid6.uuid7(), act=act, staff="w01", lane="1", count=count, at=now))
    page = chief.get("/privacy").text
    assert "登记的人脸数量：89999" in page
    assert 'class="sheet hint alarm"' in page


def test_who_saw_what_is_shown(running: Running, chief: httpx.Client) -> None:
    world = World(running)
    desk = running.terminal("desk", "p-four")
    number = Citizen(desk).hand_in().number
    world.clerk("p-four", "w01").page(number)
    page = chief.get("/privacy", params={"about": number}).text
    seen = page[page.index("谁看过什么") :]
    assert "w01" in seen
    assert number in seen.replace(" ", "")
    assert all(f"kept_{each.key}" not in page for each in CLASSES), "each class has words"


def test_all_that_hangs_on_a_submission_goes_with_it(running: Running) -> None:
    """What came later, addresses, results, words of both sides, the case at the gate: nothing says whose it was."""
    world = World(running)
    desk, lane = running.terminal("desk", "p-eight"), running.terminal("gate", "p-eight")
    world.staff("p-eight")
    window, back = world.clerk("p-eight", "w01"), world.clerk("p-eight", "b01")
    citizen = Citizen(desk)
    number = citizen.hand_in([citizen.paper(JPEG + b"of p-eight")], address_sealed=citizen.address()).number
    asked = {"words__paper__registration": "王小明的证件拍糊了"}
    assert window.step(world.record(number), "return", **asked).status_code == 303
    later = citizen.paper(JPEG + b"later of p-eight")
    assert citizen.supply(number, [later], {"reason": "遗失"}).fate is Fate.STORED
    moved = DeliveryWanted(
        id=uuid6.uuid7(),
        number=number,
        person_sealed=desk.seal(citizen.identified),
        way=Delivery.COURIER,
        address_sealed=citizen.address(),
        at=running.hub.now(),
    )
    assert desk.send(moved)[0].fate is Fate.STORED
    assert window.step(world.record(number), "note", reason="电话 13800000000").status_code == 303
    assert window.step(world.record(number), "accept").status_code == 303
    assert back.step(world.record(number), "grant", reason="给王小明").status_code == 303
    assert back.upload(world.record(number), pdf("给王小明"), "王小明的决定书").status_code == 204
    referred = Decision(verdict=Verdict.REFER, reasons=(Reason.MASK_MISSING,), rules_version=1)
    lane.send(lane.passage(decision=referred))

    def talk(connection: Any) -> None:
        (case,) = cases.listed(connection, "p-eight")
        said: list[tuple[Move, dict[str, Any]]] = [
            (Move.TAKE, {}),
            (Move.ASK, {"question": "发热？", "text": "昨天有"}),
            (Move.NOTE, {"text": "王小明说"}),
        ]
        for move, given in said:
            case = cases.act(connection, case.number, case.version, move, who="e01", now=running.hub.now(), **given)

    world.write(talk)
    chief = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
    running.clients.append(chief)
    running.sign_in(chief, "supervisor", hall="p-eight", staff_id="chief")
    told = json.loads(ask(chief, "export", NUMBER.replace("1990", " 1990 ")).content)
    (mine,) = told["submissions"]
    assert mine["address"]["street"] == "朝阳大街1号"
    assert mine["handed_in_later"] == [{"answers": {"reason": "遗失"}}]
    assert [each["sha256"] for each in mine["files"]][-1] == later.sha256
    assert (mine["results"][0]["title"], mine["asked"][0]["words"]) == ("王小明的决定书", "王小明的证件拍糊了")
    assert told["passages"][0]["registered"]["name"] == "王小明"
    assert "昨天有" in [each["text"] for each in told["passages"][0]["case"]["steps"]]
    (result,) = (row[0] for row in running.rows("SELECT sha256 FROM result WHERE number = ?", number))

    now = running.hub.now()
    world.write(lambda connection: expire_with_proof(connection, now + timedelta(days=31)))
    done, papers = world.write(lambda connection: sweep_kept(connection, now + timedelta(days=365 * 5 + 1)))
    assert done["submissions"] >= 1, "a result that was fetched, or that nobody collects, is kept no longer than others"
    assert {later.sha256, result} <= set(papers)
    kept = [each for kind in ("submission", "supplement", "delivery_wanted") for each in events(running, kind)]
    for each in (each for each in kept if each.number == number):
        assert not any(getattr(each, name, b"") for name in each.__struct_fields__ if name.endswith("_sealed")), each
    digest = person_digest(NUMBER, bytes.fromhex(desk.enrolled.hall_key))
    with running.hub.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in (running.data.path / "hub.db", running.data.path / "hub.db-wal"):
        content = file.read_bytes() if file.exists() else b""
        for said in (digest, "王小明的证件", "王小明的决定书", "给王小明", "13800000000", "王小明说", "昨天有"):
            assert said.encode() not in content, (file.name, said)
    with running.hub.engine.connect() as connection:
        assert verify(connection).problems == ()


def test_who_is_erased_has_no_appointment_that_is_anybodys(running: Running, chief: httpx.Client) -> None:
    desk = running.terminal("desk", "p-nine")
    digest = person_digest(NUMBER, bytes.fromhex(desk.enrolled.hall_key))
    now = running.hub.now()
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        claims, _ = appoint(
            connection,
            running.hub.signing,
            hall="p-nine",
            person=digest,
            not_before=now,
            expires=now + timedelta(hours=2),
            companions=0,
            now=now,
        )
        before = changes_since(connection, "p-nine", 0, now).upto
    assert ask(chief, "erase", NUMBER).status_code == 200
    with running.hub.engine.connect() as connection:
        (change,) = changes_since(connection, "p-nine", before, now).changes
    assert (change.code_id, change.status, change.person) == (claims.code_id, AppointmentStatus.CANCELLED, None)
