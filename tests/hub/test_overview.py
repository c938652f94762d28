"""The overview: counted on and not anew, one look for all browsers, and of a city what needs somebody."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from hub.console import live, queries
from hub.console.day import Day, Figures
from hub.console.overview import MOST_CARDS
from hub.fleet.live import Heard, TerminalKey
from hub.store import schema
from kiosk.wire import routes
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.test_console import events, hostile_health, until

Running = Any
CITY = 200
"""Terminals of a city small enough for a test."""


@pytest.fixture
def console(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=60) as client:
        running.sign_in(client, "supervisor", "technician")
        yield client


def decided(terminal: Any, verdict: Verdict, **changes: Any) -> Any:
    decision = Decision(verdict=verdict, reasons=(Reason.ALL_IN_ORDER,), rules_version=1)
    return terminal.passage(decision=decision, **changes)


def test_the_day_is_counted_on(running: Running) -> None:
    gate, desk, far = running.terminal(), running.terminal("desk"), running.terminal("gate", "huazhou")
    day = Day()

    def both() -> tuple[Figures, Figures]:
        with running.hub.engine.connect() as connection:
            now = running.hub.now()
            found = day.look(connection, now)
            anew = queries.counts(connection, now)
        kept = {each: getattr(anew, each) for each in ("admit", "refuse", "refer", "submissions", "refused_events")}
        return Figures.together(found.values()), Figures(**kept)

    def one_hall() -> Figures:
        with running.hub.engine.connect() as connection:
            return day.look(connection, running.hub.now())["huazhou"]

    first, anew = both()
    assert first == anew
    gate.send(decided(gate, Verdict.ADMIT), decided(gate, Verdict.REFUSE), decided(gate, Verdict.REFER))
    yesterday = running.hub.now() - timedelta(days=1)
    gate.send(decided(gate, Verdict.ADMIT, decided=yesterday, began=yesterday))
    desk.send(desk.submission())
    far.send(decided(far, Verdict.ADMIT))
    second, anew = both()
    assert second == anew
    assert (second.admit, second.refuse, second.refer) == (first.admit + 2, first.refuse + 1, first.refer + 1)
    assert second.submissions == first.submissions + 1
    assert one_hall().admit == 1
    assert both()[0] == second  # nothing is counted twice
    with running.hub.engine.connect() as connection:
        tomorrow = Figures.together(day.look(connection, running.hub.now() + timedelta(days=1)).values())
    assert (tomorrow.admit, tomorrow.refuse, tomorrow.refer, tomorrow.submissions) == (0, 0, 0, 0)


def test_what_is_refused_is_on_the_page_for_a_day(running: Running) -> None:
    with running.hub.engine.connect() as connection:
        before = Figures.together(Day().look(connection, running.hub.now()).values()).refused_events
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        now = running.hub.now()
        for age in (timedelta(days=2), timedelta(hours=5)):
            row = {"hall": "weinan", "terminal": "gate-1", "seq": 1, "received": now - age, "detail": "no"}
            connection.execute(insert(schema.refused).values(**row))
    with running.hub.engine.connect() as connection:
        assert Figures.together(Day().look(connection, now).values()).refused_events == before + 1


def test_browsers_look_together(running: Running, console: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[float] = []
    look = Day.look

    def counted(day: Day, *given: Any, **more: Any) -> Any:
        looked.append(time.monotonic())
        return look(day, *given, **more)

    sender, many = running.terminal(), 12
    with ExitStack() as opened:
        streams = [events(opened.enter_context(console.stream("GET", "/stream/overview"))) for _ in range(many)]
        for each in streams:  # kept: one that is dropped ends its stream
            next(each)
        monkeypatch.setattr(Day, "look", counted)
        monkeypatch.setattr(running.hub.streams.pace, "seconds", 0.2)
        began = time.monotonic()
        while time.monotonic() - began < (3 if looked else 60):
            sender.send(sender.passage())
            time.sleep(0.05)
        took = time.monotonic() - began
        looks = len(looked)
    assert 1 <= looks <= took / 0.2 + 5  # one browser alone looks as often


def test_of_a_city_is_shown_what_needs_somebody(running: Running, console: httpx.Client) -> None:
    hall, now = "linwei", running.hub.now()
    names = [f"gate-{number}" for number in range(CITY)]
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(schema.hall).values(hall=hall, made=now))
        rows = [
            {"hall": hall, "terminal": name, "role": "gate", "receipt_range": 800_000 + place, "made": now}
            for place, name in enumerate(names)
        ]
        connection.execute(insert(schema.terminal), rows)
    good = running.terminal()
    good.http.post(routes.HEALTH, content=hostile_health(good.enrolled.terminal))
    health = running.hub.fleet.heard[TerminalKey("weinan", good.enrolled.terminal)].health
    from msgspec.structs import replace

    for place, name in enumerate(names):
        said = replace(health, terminal=name, in_service=place != CITY - 1)
        running.hub.fleet.heard[TerminalKey(hall, name)] = Heard(said, now + timedelta(minutes=10))
    try:
        html = console.get("/", params={"lang": "en"}).text
        cards = re.findall(r'<article id="t-(\w+)-([\w-]+)"', html)
        assert len(cards) == MOST_CARDS
        worst = [place for place, card in enumerate(cards) if card == (hall, names[-1])]
        assert worst
        assert (hall, names[0]) in cards or all(each[0] != hall for each in cards[worst[0] + 1 :])
        number = int(re.search(r"(\d+) in all; here are the \d+", html)[1])  # type: ignore[index]  # it is there
        assert number >= CITY
        states = re.findall(r"</span> <strong class=\"num\">(\d+)</strong>", html)
        assert sum(map(int, states)) == number
        with console.stream("GET", "/stream/overview") as stream:
            told = until(stream, 'hx-target="#terminals"')
        assert told["data"].count("<article ") == MOST_CARDS
    finally:
        for name in names:
            running.hub.fleet.heard.pop(TerminalKey(hall, name))
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            connection.execute(schema.terminal.delete().where(schema.terminal.c.hall == hall))


def test_a_browser_is_pinged_though_others_have_news(
    running: Running, console: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 1.0)
    running.sign_in(console, "supervisor", hall="huazhou", staff_id="s9")
    sender, over = running.terminal(), threading.Event()

    def busy() -> None:
        while not over.is_set():
            sender.send(sender.passage())
            time.sleep(0.05)

    thread = threading.Thread(target=busy)
    position = running.rows("SELECT coalesce(max(position), 0) FROM event")[0][0]
    with console.stream("GET", "/stream/passages", params={"after": str(position)}) as stream:
        thread.start()
        try:
            pings = 0
            for line in stream.iter_lines():
                pings += line == "event: ping"
                if pings == 3:
                    break
        finally:
            over.set()
            thread.join()
    assert pings == 3


def test_somebody_without_these_pages_finds_no_way_that_ends(running: Running, console: httpx.Client) -> None:
    gate = running.terminal()
    gate.http.post(routes.HEALTH, content=hostile_health(gate.enrolled.terminal))
    gate.http.put(routes.SCREEN, content=b"\x89PNG\r\n\x1a\n" + bytes(40))
    mine = f"t-weinan-{gate.enrolled.terminal}"
    for role, may_open in (("technician", True), ("back_office", False)):
        running.sign_in(console, role, hall="weinan", staff_id=f"{role}-9")
        with console.stream("GET", "/stream/overview") as stream:
            html = until(stream, mine)["data"]
        for text in (html, console.get("/").text):
            assert (f'href="/terminals/weinan/{gate.enrolled.terminal}"' in text) == may_open
            assert (f'src="/screens/weinan/{gate.enrolled.terminal}.png' in text) == may_open
