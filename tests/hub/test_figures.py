"""Figures: counted right, of one's own halls, exported without formulas; availability and screens as terminals tell."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from hub.console.figure_words import FIGURE_WORDS
from hub.fleet.live import Heard, TerminalKey
from hub.supervision.export import harmless, to_csv, to_xlsx
from hub.supervision.figures import STEPS, Span, figures
from hub.supervision.measure import Measure
from kiosk.clock import WallClock, local_date
from kiosk.screen_use import ScreenCounter
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
    assert "自助办件 2 件" in daily


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
