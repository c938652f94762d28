"""The technician's mode on virtual time: who gets in, what it costs to guess, and that it ends by itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from kiosk.config import Site, read_site
from kiosk.session import Stage
from kiosk.technician import held
from kiosk.technician.audit import NOBODY
from kiosk.technician.door import FREE_TRIES, LONGEST_WAIT_S, Door, wait_after
from kiosk.technician.entry import TechnicianEntry, TechnicianLeaves
from kiosk.technician.pad import PAD_IDLE_S
from kiosk.technician.session import IDLE_S
from kiosk.view import technician as view
from kiosk.view.common import Back, Cancel, Cause, Language, OutOfService, Stay
from kiosk.view.desk import StaffCalled
from kiosk.view.screen import Intent, Screen, State, Touch
from kiosk.view.technician import Task
from kiosk.wire.staff import StaffMember, pin_digest, pin_is
from provisioning.calibrate.touch import TARGETS
from tests.journeys.cast import ScriptedClock

pytestmark = pytest.mark.anyio
PIN, SALT = "271828", "00" * 16
SITE = """\
hall = "test"
hall_name = "示例大厅"
terminal = "desk-1"

[panel]
px_per_mm = 3.2

[desk]

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "/dev/nowhere-1"

[desk.devices.camera]
driver = "camera/uvc"
device = "/dev/nowhere-2"

[desk.devices.printer]
driver = "printer/escpos-serial"
port = "/dev/nowhere-3"
"""
WANG = StaffMember(id="w", name="王工", salt=SALT, pin=pin_digest(PIN, SALT))


async def at_once(member: StaffMember, pin: str) -> bool:
    """The real comparison, on this thread: virtual time does not wait for others."""
    return pin_is(member, pin)


@dataclass
class Hall:
    """A desk with somebody who applies, and whoever stands before it."""

    site: Site
    members: tuple[StaffMember, ...] = (WANG,)
    screens: list[Screen] = field(default_factory=list)
    uses: list[tuple[str, str]] = field(default_factory=list)
    served: int = 0
    wiped: int = 0
    settled: int = 0
    ended: list[TechnicianLeaves] = field(default_factory=list)
    worked: int = 0
    door: Door = field(init=False)
    stage: Stage = field(init=False)
    entry: TechnicianEntry = field(init=False)
    changed: anyio.Event = field(default_factory=anyio.Event)

    def __post_init__(self) -> None:
        clock = ScriptedClock()
        self.stage = Stage("desk", self._draw, Language.ZH_HANS)
        self.door = self.a_door()
        self.stage.on_reset = self._reset
        self.entry = TechnicianEntry(self.stage, self.site, "desk", clock, self._audit, self.door)

    def a_door(self) -> Door:
        return Door(self.site.data / "desk/technician-tries.json", lambda: self.members, ScriptedClock(), at_once)

    def _draw(self, screen: Screen) -> None:
        self.screens.append(screen)
        self.changed.set()
        self.changed = anyio.Event()

    def _reset(self) -> None:
        self.wiped += 1

    async def _audit(self, staff: str, reason: str) -> None:
        self.uses.append((staff, reason))

    async def _serve(self) -> None:
        self.served += 1
        self.stage.show(StaffCalled())
        await anyio.sleep_forever()

    async def _settle(self) -> None:
        self.settled += 1

    async def run(self) -> None:
        try:
            while True:
                member = await self.entry.until_let_in(self._serve, self._settle)
                self.worked += 1
                await self.entry.work(member)
        except TechnicianLeaves as leaves:
            self.ended.append(leaves)

    @property
    def state(self) -> State:
        return self.screens[-1].state

    async def until(self, holds: Callable[[State], bool], within: float = 5.0) -> State:
        with anyio.fail_after(within):
            while not (self.screens and holds(self.state)):
                await self.changed.wait()
        return self.state

    async def see(self, kind: type[State], within: float = 5.0) -> State:
        return await self.until(lambda state: isinstance(state, kind), within)

    async def touch(self, intent: Intent) -> None:
        await anyio.lowlevel.checkpoint()
        self.stage.touch(Touch(intent, self.screens[-1].number))
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    async def let_in(self) -> None:
        await self.see(StaffCalled)
        await self.touch(view.Open())
        await self.see(view.EnterPin)
        await self.touch(view.Pin(PIN))
        await self.see(view.Menu)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "site.toml"
    file.write_text(SITE, encoding="utf-8")
    (tmp_path / "data/desk").mkdir(parents=True)
    return read_site(file)


@asynccontextmanager
async def running(hall: Hall) -> AsyncIterator[Hall]:
    async with anyio.create_task_group() as group:
        group.start_soon(hall.run)
        yield hall
        group.cancel_scope.cancel()


async def test_the_gesture_ends_what_is_served_before_anything_is_asked(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.see(StaffCalled)
        assert (hall.wiped, hall.settled) == (0, 0)
        await hall.touch(view.Open())
        await hall.see(view.EnterPin)
        assert hall.wiped >= 1
        assert hall.settled == 1
        assert hall.uses == []
        await hall.touch(Back())
        await hall.see(StaffCalled)
        assert hall.served == 2


async def test_a_pad_that_nobody_touches_closes(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.see(StaffCalled)
        await hall.touch(view.Open())
        await hall.see(view.EnterPin)
        began = anyio.current_time()
        await hall.see(StaffCalled, within=PAD_IDLE_S + 5)
        assert anyio.current_time() - began == pytest.approx(PAD_IDLE_S, abs=1.5)


async def test_a_pin_opens_the_menu_and_every_use_is_told(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.let_in()
        menu = hall.state
        assert isinstance(menu, view.Menu)
        assert (menu.terminal, menu.technician) == ("desk-1", "王工")
        assert {Task.DEVICES, Task.QUICK, Task.FULL, Task.PAPER, Task.OUT, Task.EXIT} <= set(menu.tasks)
        assert Task.ENROL not in menu.tasks, "there is no scanner"
        await hall.touch(view.Do(Task.PAPER))
        told = await hall.until(lambda state: isinstance(state, view.Menu) and state.done is view.Done.PAPER)
        assert isinstance(told, view.Menu)
        await hall.touch(view.Do(Task.RELEASE))
        await hall.see(view.Report)
        await hall.touch(Back())
        await hall.see(view.Menu)
        await hall.touch(Cancel())
        await hall.see(StaffCalled)
        assert hall.uses == [
            ("王工", "technician_in"),
            ("王工", "technician_paper"),
            ("王工", "technician_release"),
            ("王工", "technician_out"),
        ]


async def test_the_mode_ends_by_itself(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.let_in()
        began = anyio.current_time()
        await hall.touch(Stay())
        await hall.see(StaffCalled, within=IDLE_S + 5)
        assert anyio.current_time() - began == pytest.approx(IDLE_S, abs=1.0)
        assert hall.uses[-1] == ("王工", "technician_ended")


async def test_guessing_costs_longer_and_longer_and_a_restart_does_not_help(site: Site) -> None:
    hall = Hall(site)
    for guess in range(FREE_TRIES):
        assert hall.door.closed_for() == 0
        assert await hall.door.who(f"99999{guess}") is None
    assert hall.door.closed_for() == pytest.approx(30, abs=0.5)
    assert await hall.door.who(PIN) is None, "while it is closed not even the right one is taken"
    again = hall.a_door()  # the power was pulled
    assert again.closed_for() == pytest.approx(30, abs=0.5)
    await anyio.sleep(31)
    assert await again.who("999990") is None
    assert again.closed_for() == pytest.approx(60, abs=0.5)
    await anyio.sleep(61)
    assert await again.who(PIN) == WANG
    assert again.closed_for() == 0
    assert hall.a_door().closed_for() == 0, "the right one ends the count"


async def test_a_count_that_somebody_spoilt_counts_as_too_many(site: Site) -> None:
    (site.data / "desk/technician-tries.json").write_bytes(b"{")
    assert Hall(site).door.closed_for() > 0


def test_waits_grow_up_to_an_hour() -> None:
    waits = [wait_after(wrong) for wrong in range(40)]
    assert waits[:FREE_TRIES] == [0.0] * FREE_TRIES
    assert waits[FREE_TRIES : FREE_TRIES + 3] == [30.0, 60.0, 120.0]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


async def test_the_pad_counts_down_and_says_how_many_tries_are_left(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.see(StaffCalled)
        await hall.touch(view.Open())
        for left in (2, 1):
            await hall.touch(view.Pin("999999"))
            told = hall.state
            assert isinstance(told, view.EnterPin)
            assert (told.problem, told.left) == (view.PinProblem.WRONG, left)
        await hall.touch(view.Pin("999999"))
        first = hall.state
        assert isinstance(first, view.EnterPin)
        assert (first.problem, first.seconds) == (view.PinProblem.WAIT, 30)
        await hall.until(lambda state: isinstance(state, view.EnterPin) and state.seconds == 25, within=8)
        assert hall.uses == [(NOBODY, "technician_refused")] * 3


@pytest.mark.parametrize(
    "members", [(), (StaffMember(id="x", name="x", salt=SALT, pin=WANG.pin, valid_to=date(2026, 1, 1)),)]
)
async def test_where_nobody_has_a_pin_nobody_gets_in(site: Site, members: tuple[StaffMember, ...]) -> None:
    async with running(Hall(site, members)) as hall:
        await hall.see(StaffCalled)
        await hall.touch(view.Open())
        await hall.touch(view.Pin(PIN))
        told = hall.state
        assert isinstance(told, view.EnterPin)
        assert told.problem is view.PinProblem.NOBODY
        assert hall.worked == 0


async def test_out_of_service_outlives_the_session_and_the_program(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.let_in()
        await hall.touch(view.Do(Task.OUT))
        await hall.touch(Cancel())
        await hall.until(lambda state: state == OutOfService(Cause.MAINTENANCE))
        served = hall.served
    assert held.is_held(site.data / "desk")
    async with running(Hall(site)) as hall:
        await hall.until(lambda state: state == OutOfService(Cause.MAINTENANCE))
        assert hall.served == 0
        await hall.touch(view.Open())
        await hall.see(view.EnterPin)
        await hall.touch(view.Pin(PIN))
        menu = await hall.see(view.Menu)
        assert isinstance(menu, view.Menu)
        assert menu.held
        assert Task.BACK_IN in menu.tasks
        await hall.touch(view.Do(Task.BACK_IN))
        await hall.touch(Cancel())
        await hall.see(StaffCalled)
    assert served == 1
    assert not held.is_held(site.data / "desk")


@pytest.mark.parametrize(("task", "again"), [(Task.RESTART, True), (Task.EXIT, False)])
async def test_the_program_is_ended_only_after_a_yes(site: Site, task: Task, *, again: bool) -> None:
    async with running(Hall(site)) as hall:
        await hall.let_in()
        await hall.touch(view.Do(task))
        await hall.see(view.Ask)
        await hall.touch(view.Answer(yes=False))
        await hall.see(view.Menu)
        assert not hall.ended
        await hall.touch(view.Do(task))
        await hall.see(view.Ask)
        await hall.touch(view.Answer(yes=True))
        await anyio.sleep(0.1)
        assert [leaves.again for leaves in hall.ended] == [again]


async def test_a_task_that_fails_says_why_and_the_technician_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> object:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("kiosk.technician.tools.counted", broken)
    async with running(Hall(site)) as hall:
        await hall.let_in()
        await hall.touch(view.Do(Task.STATS))
        told = await hall.see(view.Report)
        assert isinstance(told, view.Report)
        assert told.failed
        assert "the disk is on fire" in told.lines[0].value
        await hall.touch(Back())
        await hall.see(view.Menu)


@pytest.fixture(name="at_hand")
def on_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What blocks is done on this thread: virtual time does not wait for others."""

    async def here(work: Callable[[], object]) -> object:
        return work()

    monkeypatch.setattr("kiosk.technician.tools.in_thread", here)


async def _touch_crosses(hall: Hall, said: Callable[[float, float], tuple[float, float]]) -> None:
    await hall.touch(view.Do(Task.CALIBRATE))
    await hall.until(lambda state: isinstance(state, view.Menu) and state.inner)
    await hall.touch(view.Do(Task.TOUCH))
    for number, (x, y) in enumerate(TARGETS, start=1):
        await hall.until(lambda state, n=number: isinstance(state, view.ShowTarget) and state.number == n)  # type: ignore[misc]
        await hall.touch(view.Touched(*said(x, y)))


@pytest.mark.usefixtures("at_hand")
async def test_touch_is_calibrated_and_the_program_starts_anew(site: Site) -> None:
    async with running(Hall(site)) as hall:
        await hall.let_in()
        await _touch_crosses(hall, lambda x, y: (0.97 * x + 0.02, 1.01 * y - 0.01))
        told = await hall.see(view.Report, within=10)
        assert isinstance(told, view.Report)
        assert not told.failed, told.lines
        await hall.touch(Back())
        await hall.see(view.Menu)
        await hall.touch(Cancel())
        await anyio.sleep(0.1)
        assert [leaves.again for leaves in hall.ended] == [True]
    found = read_site(site.path).panel.touch
    assert found is not None
    a, b, c, d, e, f = found
    said = (0.97 * 0.3 + 0.02, 1.01 * 0.7 - 0.01)
    assert (a * said[0] + b * said[1] + c, d * said[0] + e * said[1] + f) == pytest.approx((0.3, 0.7), abs=1e-4)


@pytest.mark.usefixtures("at_hand")
async def test_a_panel_that_cannot_be_calibrated_is_refused_and_nothing_is_kept(site: Site) -> None:
    before = site.path.read_text(encoding="utf-8")
    async with running(Hall(site)) as hall:
        await hall.let_in()
        wrong = iter((0.0, 0.05, 0.0, 0.0, 0.0))
        await _touch_crosses(hall, lambda x, y: (x + next(wrong), y))
        told = await hall.see(view.Report, within=10)
        assert isinstance(told, view.Report)
        assert told.failed
        assert "Nothing was kept" in told.lines[0].value
        await hall.touch(Back())
        await hall.touch(Cancel())
        await hall.see(StaffCalled)
        assert not hall.ended
    assert site.path.read_text(encoding="utf-8") == before
