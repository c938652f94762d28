"""The hub locks a terminal and unlocks it: nobody is served meanwhile; who is being served, is served to the end."""

from dataclasses import replace

import anyio
import pytest

from kiosk.desk.identify import arrival
from kiosk.gate.lane import Arrival
from kiosk.lock import Lock
from kiosk.view import desk as desk_view
from kiosk.view import gate as view
from kiosk.view.attendant import OpenStaff
from kiosk.view.common import Cause, OutOfService
from kiosk.wire.rules import Verdict
from tests.journeys.cast import card
from tests.journeys.test_desk_journey import Hall as DeskHall
from tests.journeys.test_gate_journey import Hall

pytestmark = pytest.mark.anyio


async def test_a_locked_lane_reads_no_card_and_says_what_it_was_told_to() -> None:
    hall, lock = Hall(), Lock()
    hall.lane = replace(hall.lane, lock=lock)
    hall.reader.driver.queue = []

    async def lock_it() -> None:
        await hall.person.see(view.Welcome)
        lock.set(on=True, words="闸机检修，请走2号通道")
        shown = await hall.person.see(OutOfService)
        assert (shown.cause, shown.words) == (Cause.LOCKED, "闸机检修，请走2号通道")
        hall.reader.driver.queue = [card()]
        calls = hall.reader.calls
        await anyio.sleep(300)
        assert hall.reader.calls == calls
        lock.set(on=True, words="今天不再开放")  # other words take the place of the first
        while shown.words != "今天不再开放":
            shown = await hall.person.see(OutOfService)
            await anyio.sleep(0.1)
        lock.set(on=False)

    passage = await hall.one(lock_it)
    assert passage.decision.verdict is Verdict.ADMIT


async def test_who_is_on_the_way_through_a_lane_gets_through() -> None:
    hall, lock = Hall(), Lock()
    hall.lane = replace(hall.lane, lock=lock)

    async def lock_it() -> None:
        await hall.person.see(view.LookAtCamera)
        lock.set(on=True)

    passage = await hall.one(lock_it)
    assert passage.decision.verdict is Verdict.ADMIT


async def test_staff_may_still_bring_somebody_through_a_locked_lane() -> None:
    hall, lock = Hall(), Lock()
    hall.reader.driver.queue = []
    asked: list[str] = []

    async def attend() -> Arrival | None:
        asked.append("staff")
        lock.set(on=False)
        hall.reader.driver.queue = [card()]
        return None

    hall.lane = replace(hall.lane, lock=lock, attend=attend, opens_staff=lambda intent: isinstance(intent, OpenStaff))
    lock.set(on=True)

    async def open_them() -> None:
        shown = await hall.person.see(OutOfService)
        assert shown.staff_entry
        hall.person.touch(OpenStaff())

    await hall.one(open_them)
    assert asked == ["staff"]


async def test_a_locked_desk_and_one_that_is_unlocked() -> None:
    hall, lock = DeskHall(), Lock()
    hall.desk = replace(hall.desk, lock=lock)
    hall.reader.driver.queue = []
    came: list[object] = []

    async def wait() -> None:
        came.append(await arrival(hall.desk))

    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await hall.person.see(desk_view.Start)
            lock.set(on=True)
            shown = await hall.person.see(OutOfService)
            assert (shown.cause, shown.words) == (Cause.LOCKED, "")
            hall.reader.driver.queue = [card()]
            await anyio.sleep(600)
            assert came == []
            lock.set(on=False)
    assert came == [card()]


async def test_a_card_that_is_being_read_at_a_desk_is_served() -> None:
    hall, lock = DeskHall(), Lock()
    hall.reader.seconds = 2.0
    hall.desk = replace(hall.desk, lock=lock)
    came: list[object] = []

    async def wait() -> None:
        came.append(await arrival(hall.desk))

    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await hall.person.see(desk_view.ReadingCard)
            lock.set(on=True)
    assert came == [card()]
