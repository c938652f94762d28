"""Figures: counted right, of one's own halls, exported without formulas; availability and screens as terminals tell."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
import uuid6

from hub.console.figure_pages import tables
from hub.console.figure_words import FIGURE_WORDS
from hub.console.words import Language
from hub.fleet.enrolment import revoke
from hub.fleet.live import Heard, TerminalKey
from hub.people.appointments import appoint, withdraw
from hub.store import schema
from hub.supervision.export import harmless, to_csv, to_xlsx
from hub.supervision.figures import STEPS, Figures, Line, Span, Use, figures
from hub.supervision.measure import Measure, terminals
from hub.supervision.timed import position_before
from kiosk.clock import WallClock, local_date
from kiosk.screen_use import ScreenCounter
from kiosk.wire.events import Crossed, Fate, Opinion, OpinionKind, OpinionWords
from kiosk.wire.fleet import DeviceHealth, Health, ScreenUse
from kiosk.wire.rules import Decision, Reason, Verdict

Running = Any
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert harmless(text).startswith("'")
    cells = next(csv.reader(io.StringIO(to_csv([text], []).decode("utf-8-sig"), newline="")))
    assert cells[0].startswith("'")
    book = zipfile.ZipFile(io.BytesIO(to_xlsx([("a/b", [text], [[text, 5]])], WallClock().now())))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    assert harmless("王小明 -1") == "王小明 -1"


@pytest.fixture
def chief(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        yield client


def test_days_are_counted_and_exported(running: Running, chief: httpx.Client) -> None:
    hall = "f-one"
    lane, desk = running.terminal("gate", hall), running.terminal("desk", hall)
    refused = Decision(verdict=Verdict.REFUSE, reasons=(Reason.MASK_MISSING,), rules_version=1)
    lane.send(lane.passage(), lane.passage(), lane.passage(decision=refused))
    desk.send(desk.submission(), desk.submission())
    running.terminal("gate", "f-two").send(running.terminal("gate", "f-two").passage())
    now, today = running.hub.now(), local_date(running.hub.now())
    with running.hub.engine.connect() as connection:
        found = figures(connection, Span(today - timedelta(days=1), today, frozenset({hall})), now)
    assert (found.total("admit"), found.total("refuse"), found.total("submissions")) == (2, 1, 2)
    assert (found.days[0].admit, found.days[1].admit) == (0, 2)
    assert [(line.key, line.number) for line in found.reasons] == [("mask_missing", 1)]
    assert {line.key: line.number for line in found.channels}["channel_desk"] == 2
    running.sign_in(chief, "supervisor", hall=hall, staff_id="chief")
    page = chief.get("/figures", params={"hall": "f-two"})
    assert page.status_code == 200
    assert "f-two" not in page.text, "another hall's are not shown"
    told = chief.get("/figures/export.csv").content
    assert told.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))
    assert rows[-1][:4] == [str(today), rows[-1][1], "2", "1"]
    book = chief.get("/figures/export.xlsx")
    assert len(zipfile.ZipFile(io.BytesIO(book.content)).namelist()) > 12
    for path in ("/figures/daily", "/figures?from=nonsense&to=9999-99-99", "/figures/export.csv?table=999"):
        assert chief.get(path).status_code == 200
    daily = chief.get("/figures/daily").text
    assert "收到办件 2 件" in daily


def told(terminal: str, now: Any, screens: tuple[ScreenUse, ...], *, ready: bool = True) -> Health:
    device = DeviceHealth(name="id", driver="x", state="ready" if ready else "fault")
    return Health(
        terminal=terminal,
        role="desk",
        version="1",
        made=now,
        in_service=ready,
        view="desk.Start",
        rules_version=1,
        outbox_waiting=0,
        outbox_dead=0,
        devices=(device,),
        screens=screens,
    )


def test_availability_and_screens_are_counted_once(running: Running) -> None:
    desk = running.terminal("desk", "f-three")
    key, now = TerminalKey("f-three", desk.enrolled.terminal), running.hub.now()
    measure = Measure()

    def look(minute: int, shown: int, left: int, *, ready: bool = True) -> None:
        at = now + timedelta(minutes=minute)
        use = (ScreenUse(view="desk.Question", shown=shown, left=left, seconds=10 * shown),)
        heard = {key: Heard(told(key.terminal, at, use, ready=ready), at)} if shown else {}
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            measure.take(connection, heard, at)

    look(0, 100, 10)  # the hub has just started: what was before is not known
    look(1, 110, 14)
    look(2, 110, 14, ready=False)
    look(3, 6, 1)  # the terminal began anew
    today = local_date(now)
    with running.hub.engine.connect() as connection:
        found = figures(connection, Span(today, today + timedelta(days=1), frozenset({"f-three"})), now)
    (use,) = found.screens
    assert (use.shown, use.left, use.seconds) == (16, 5, 160)
    assert found.worst == use
    (available,) = found.available
    assert (available.in_service, available.devices) == (0.75, 0.75)


def test_a_screen_is_left_by_who_was_not_done() -> None:
    clock = iter(float(n) for n in range(0, 1000, 10))
    counter = ScreenCounter(lambda: next(clock))
    for view in ("desk.Start", "desk.ChooseItem", "desk.Question", "desk.Question", "desk.Start"):
        counter.see(view)
    for view in ("desk.ChooseItem", "desk.Question", "desk.Done", "desk.TakeYourThings", "desk.Start"):
        counter.see(view)
    uses = {use.view: use for use in counter.told()}
    assert (uses["desk.Question"].shown, uses["desk.Question"].left) == (2, 1)
    assert uses["desk.Done"].left == uses["desk.TakeYourThings"].left == 0
    assert uses["desk.Question"].seconds == 20
    assert "desk.Start" not in uses
    assert msgspec.json.decode(msgspec.json.encode(counter.told()), type=tuple[ScreenUse, ...])


def test_each_step_has_words_and_is_a_screen() -> None:
    from kiosk.view import desk

    for step in STEPS:
        assert f"view_{step}" in FIGURE_WORDS
        assert hasattr(desk, step.partition(".")[2]), step


def visit(counter: ScreenCounter, *views: str) -> None:
    for view in (*views, "desk.Start"):
        counter.see(view)


def test_who_went_away_went_from_the_screen_before_the_question_whether_they_are_there() -> None:
    counter = ScreenCounter(lambda: 0.0)
    visit(counter, "desk.ChooseItem", "desk.Question", "desk.StillThere")
    visit(counter, "desk.ChooseItem", "desk.Question", "desk.StillThere", "desk.Question", "desk.Done")
    counter.see("desk.Question")
    counter.see("desk.TakeYourThings", aside=True)  # gone, and called back to the card
    visit(counter)
    uses = {use.view: use for use in counter.told()}
    assert (uses["desk.Question"].left, uses["desk.StillThere"].left, uses["desk.ChooseItem"].left) == (2, 0, 0)


def test_a_step_is_of_how_many_came_to_it_however_often_they_went_back() -> None:
    counter = ScreenCounter(lambda: 0.0)
    visit(counter, "desk.ChooseItem", "desk.Question", "desk.CapturePaper", "desk.Question", "desk.CapturePaper")
    visit(counter, "desk.ChooseItem", "typing.Write", "desk.Review", "typing.Write", "desk.Done")
    uses = {use.view: use for use in counter.told()}
    assert (uses["desk.Question"].shown, uses["desk.Question"].people) == (2, 2)
    assert (uses["typing.Write"].shown, uses["typing.Write"].people) == (2, 1)
    assert uses["desk.CapturePaper"].people == 1


def test_a_lane_that_staff_closed_is_no_screen_that_people_left() -> None:
    counter = ScreenCounter(lambda: 0.0)
    for view in ("gate.Welcome", "gate.LanePaused", "gate.Welcome", "gate.HallFull", "gate.Welcome"):
        counter.see(view)
    assert counter.told() == ()


def test_the_worst_screen_is_one_of_citizens(running: Running) -> None:
    desk = running.terminal("desk", "f-five")
    today = local_date(running.hub.now())
    uses = {"attendant.Overview": (20, 20, 20), "desk.Question": (90, 3, 10), "desk.ChooseItem": (10, 2, 10)}
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        for view, (shown, left, people) in uses.items():
            connection.execute(
                schema.screen_use.insert().values(
                    hall="f-five",
                    terminal=desk.enrolled.terminal,
                    day=today,
                    view=view,
                    shown=shown,
                    left=left,
                    seconds=1,
                    people=people,
                )
            )
    with running.hub.engine.connect() as connection:
        found = figures(connection, Span(today, today, frozenset({"f-five"})), running.hub.now())
    assert found.worst is not None
    assert (found.worst.view, found.worst.share_left) == ("desk.Question", 0.3)
    assert [use.people for use in found.steps] == [10, 10]


def test_what_was_taken_back_is_no_appointment_and_late_is_as_of_that_day(running: Running) -> None:
    hall, now = "f-six", running.hub.now()
    desk, today = running.terminal("desk", hall), local_date(now)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        for revoke in (True, False):
            claims, _ = appoint(
                connection, running.hub.signing, hall=hall, person="", not_before=now,
                expires=now + timedelta(hours=1), companions=0, now=now,
            )  # fmt: skip
            if revoke:
                withdraw(connection, hall=hall, code_id=claims.code_id, now=now)
    complaint = Opinion(
        id=uuid6.uuid7(),
        code="KMNPQRST",
        kind=OpinionKind.COMPLAINT,
        at=now,
        words_sealed=desk.seal(OpinionWords(text="等了两个小时")),
    )
    assert desk.send(complaint)[0].fate is Fate.STORED

    def late(day: Any, at: Any) -> int:
        with running.hub.engine.connect() as connection:
            return figures(connection, Span(day, day, frozenset({hall})), at).late

    with running.hub.engine.connect() as connection:
        found = figures(connection, Span(today, today, frozenset({hall})), now)
    assert {line.key: line.number for line in found.channels}["channel_appointment"] == 1
    afterwards = now + timedelta(days=30)
    assert (late(today, now), late(today, afterwards), late(local_date(afterwards), afterwards)) == (0, 0, 1)


@pytest.mark.parametrize("table", ["0009999", "00" + "9" * 5000, "-1", "９", "x"])
def test_a_table_that_is_not_there(running: Running, chief: httpx.Client, table: str) -> None:
    running.sign_in(chief, "auditor", staff_id="look")
    assert chief.get("/figures/export.csv", params={"table": table}).status_code == 200


def test_the_export_names_all_and_screens_in_words(running: Running, chief: httpx.Client) -> None:
    today = local_date(running.hub.now())
    many = [Line(f"item-{number}", 1) for number in range(300)]
    screens = [Use("typing.Write", 3, 1, 1, 2)]
    found = Figures(Span(today, today, None), [], [], many, [], [], [], [], [], screens, [])
    told = {name: rows for name, _, rows in tables(found, {}, Language.ZH)}
    assert len(told["事项"]) == 300
    assert "typing" not in str(told["屏幕"])


def test_a_moment_is_found_among_events_without_reading_them_all(running: Running) -> None:
    lane = running.terminal("gate", "f-seven")
    before = running.hub.now()
    lane.send(lane.passage())
    positions = [row[0] for row in running.rows("SELECT position FROM event ORDER BY position")]
    with running.hub.engine.connect() as connection:
        assert position_before(connection, before) == max([0, *positions[:-1]])
        assert position_before(connection, before - timedelta(days=9)) == 0
        assert position_before(connection, before + timedelta(days=9)) == positions[-1]


def test_one_person_rates_one_matter_once(running: Running) -> None:
    desk, hall = running.terminal("desk", "f-eight"), "f-eight"
    handed_in = desk.submission()
    desk.send(handed_in)
    today = local_date(running.hub.now())

    def rate(stars: int, code: str, **more: Any) -> None:
        given = {"kind": OpinionKind.RATING, "person": handed_in.person, "number": handed_in.number, **more}
        rating = Opinion(id=uuid6.uuid7(), code=code, at=running.hub.now(), stars=stars, **given)
        assert desk.send(rating)[0].fate is Fate.STORED

    rate(1, "AAAAAAAA")
    rate(1, "BBBBBBBB")
    rate(4, "CCCCCCCC")
    rate(5, "DDDDDDDD", person=None)
    rate(5, "EEEEEEEE", number="")
    rate(1, "FFFFFFFF", kind=OpinionKind.COMPLAINT, number="")
    with running.hub.engine.connect() as connection:
        found = figures(connection, Span(today, today, frozenset({hall})), running.hub.now())
    assert (found.stars, found.opinions) == ({4: 1, 5: 2}, {"rating": 3, "complaint": 1})


def test_visitors_are_heads_that_came_in(running: Running) -> None:
    lane, today = running.terminal("gate", "f-nine"), local_date(running.hub.now())
    refer = Decision(verdict=Verdict.REFER, reasons=(Reason.MASK_MISSING,), rules_version=1)
    party, before, stayed_out, let_in = lane.passage(), lane.passage(), lane.passage(), lane.passage(decision=refer)
    lane.send(party, before, stayed_out, let_in)
    for passage, crossed, people in (
        (party, Crossed.TAILGATED, 4),
        (before, Crossed.PASSED, 0),  # a release of before: told no number
        (stayed_out, Crossed.TURNED_BACK, 0),
        (let_in, Crossed.NOT_RELEASED, 0),
        (let_in, Crossed.PASSED, 1),  # then staff let them in
    ):
        lane.send(msgspec.structs.replace(lane.ended(passage, crossed), people=people))
    with running.hub.engine.connect() as connection:
        found = figures(connection, Span(today, today, frozenset({"f-nine"})), running.hub.now())
    assert (found.total("visitors"), found.total("admit"), found.total("refer")) == (6, 3, 1)


def test_medians_are_medians() -> None:
    from hub.supervision.timed import _median

    assert [_median(each) for each in ([], [3.0], [1.0, 100.0], [1.0, 2.0, 9.0])] == [0.0, 3.0, 50.5, 2.0]


def test_a_day_is_chinas(running: Running) -> None:
    lane, day = running.terminal("gate", "f-ten"), date(2026, 11, 10)
    for at in (datetime(2026, 11, 9, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 9, 16, tzinfo=UTC)):
        passage = lane.passage(began=at, decided=at)
        lane.send(passage, msgspec.structs.replace(lane.ended(passage), people=1))
    last = lane.passage(decided=datetime(2026, 11, 10, 15, 59, 59, tzinfo=UTC))
    lane.send(last, lane.passage(decided=datetime(2026, 11, 10, 16, tzinfo=UTC)))

    def of(first: date, last: date) -> list[tuple[int, int]]:
        span = Span(first, last, frozenset({"f-ten"}))
        with running.hub.engine.connect() as connection:
            return [(each.visitors, each.admit) for each in figures(connection, span, running.hub.now()).days]

    assert of(day, day) == [(1, 2)]
    assert of(day - timedelta(days=1), day + timedelta(days=1)) == [(1, 1), (1, 2), (0, 1)]
    assert of(date(2026, 10, 1), date(2026, 10, 1)) == [(0, 0)]


def test_a_machine_that_was_taken_away_is_not_missed(running: Running) -> None:
    desk, gone = running.terminal("desk", "f-away"), running.terminal("desk", "f-away")
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        revoke(connection, TerminalKey("f-away", gone.enrolled.terminal))
        known = {key.terminal for key in terminals(connection) if key.hall == "f-away"}
    assert known == {desk.enrolled.terminal}
