"""Live pages rest longer where looking takes too much; the collector; a hall's count is not counted by everybody."""

import gc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from sqlalchemy import Connection

from hub import collector
from hub.console.alarm_marks import AlarmMarks, Marks
from hub.fleet.live import TerminalKey
from hub.gate.heads import Heads
from hub.gently import gently
from hub.people.streams import Pace
from kiosk.wire.fleet import Health

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def after(pace: Pace, begins: float, seconds: int, each: float) -> float:
    """So many seconds with so much of looking in each; when they end."""
    for second in range(1, seconds + 1):
        pace.looked(each, begins + second)
    return begins + seconds


def test_a_city_is_gone_through_with_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    now, rests = [0.0], []
    monkeypatch.setattr("hub.gently.time.perf_counter", lambda: now[0])
    monkeypatch.setattr("hub.gently.time.sleep", rests.append)
    seen = []
    for each in gently(range(5000)):
        seen.append(each)
        now[0] += 0.00001
    assert seen == list(range(5000))
    assert len(rests) == pytest.approx(25, abs=2)  # 50 ms of work, 2 ms at a time
    assert list(gently([])) == []


def test_in_a_hall_pages_look_at_once() -> None:
    pace = Pace()
    now = after(pace, pace._since, 60, 0.05)
    assert pace.seconds == 0.2
    after(pace, now, 1, 0.19)
    assert pace.seconds == 0.2


def test_a_citys_pages_rest_until_it_fits_and_come_back() -> None:
    pace = Pace()
    now = pace._since
    for _ in range(40):  # two hundred pages, 5 ms each: the rest decides how much looking there is in a second
        now = after(pace, now, 1, 200 * 0.005 / pace.seconds)
    assert 4 < pace.seconds < 6
    now = after(pace, now, 10, 100.0)
    assert pace.seconds == 8.0  # never longer than a ping
    after(pace, now, 20, 0.0)
    assert pace.seconds == 0.2


def test_a_rest_ends_with_the_hub() -> None:
    async def main() -> None:
        pace, stopping = Pace(), anyio.Event()
        pace.seconds = 1000.0
        stopping.set()
        with anyio.fail_after(30):
            await pace.rest(stopping)

    anyio.run(main)


def test_everything_is_collected_only_where_the_process_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([100, 120, 149, 150, 150, 150])
    looked: list[int] = []

    def resident() -> int:
        size = next(sizes, None)
        if size is None:
            raise StopAsyncIteration
        return size

    monkeypatch.setattr(collector, "resident_bytes", resident)
    monkeypatch.setattr(collector, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(gc, "collect", lambda: looked.append(1) or 0)
    before = gc.get_threshold()

    async def main() -> None:
        with pytest.raises((StopAsyncIteration, RuntimeError)):
            await collector.collect_seldom()

    anyio.run(main)
    assert looked == [1]
    assert gc.get_threshold() == before == (700, 10, 10)


def test_a_hall_is_counted_once_for_all_that_ask() -> None:
    counted = 0
    may_end = anyio.Event()

    async def main() -> None:
        async def read(work: Callable[[Connection], int]) -> int:
            nonlocal counted
            counted += 1
            if counted > 1:
                await may_end.wait()
            return 6 + counted

        async def together(_work: object, _item: object) -> int:
            return 0

        heads = Heads(read, together)  # type: ignore[arg-type]  # no database behind it: only who is asked counts

        def beat(terminal: str, now: datetime) -> Awaitable[int]:
            health = Health(
                terminal=terminal,
                role="gate",
                version="0.1.0",
                made=now,
                in_service=True,
                view="gate.Welcome",
                rules_version=1,
                outbox_waiting=0,
                outbox_dead=0,
            )
            return heads.heard(TerminalKey("weinan", terminal), health, now)

        assert await beat("gate-1", MORNING) == 7
        later = MORNING + timedelta(seconds=12)
        answers: list[int] = []

        async def ask(terminal: str) -> None:
            answers.append(await beat(terminal, later))

        async with anyio.create_task_group() as group:
            for number in range(2, 7):
                group.start_soon(ask, f"gate-{number}")
            await anyio.wait_all_tasks_blocked()
            assert answers == [7] * 4  # told the count of just before, while one counts
            may_end.set()
        assert answers == [7] * 4 + [8]
        assert counted == 2

    anyio.run(main)


def test_one_look_serves_all_who_came_before_it() -> None:
    looks = 0

    async def main() -> None:
        marks, may_end = AlarmMarks(), anyio.Event()

        async def ask(_work: Callable[[Connection], Marks]) -> Marks:
            nonlocal looks
            looks += 1
            if looks == 1:
                await may_end.wait()
            return {"weinan": (looks,)}

        found: list[Marks] = []

        async def browser() -> None:
            found.append(await marks.now(ask))

        async with anyio.create_task_group() as group:
            group.start_soon(browser)
            await anyio.wait_all_tasks_blocked()
            for _ in range(50):  # they came while the first was looking: what it saw may be older than they are
                group.start_soon(browser)
            await anyio.wait_all_tasks_blocked()
            may_end.set()
        assert looks == 2
        assert found == [{"weinan": (1,)}] + 50 * [{"weinan": (2,)}]

    anyio.run(main)
