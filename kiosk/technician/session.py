"""The technician's mode once somebody was let in: a menu, its tasks, and an end, by itself where nobody touches it.

Nobody is served meanwhile, and this role's devices, camera and networks are let go of: the tools open them themselves.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import anyio.from_thread

import kiosk
from drivers.contract import Kind
from kiosk.clock import Clock
from kiosk.config import Role, Site
from kiosk.log import logger
from kiosk.session import Stage
from kiosk.technician import held, tools
from kiosk.technician.audit import Audit, Use, reason_of
from kiosk.technician.calibrating import Calibrating
from kiosk.view import technician as view
from kiosk.view.common import Back, Cancel, Next, Stay
from kiosk.view.screen import Intent, State
from kiosk.view.technician import Done, Good, Line, Report, Task
from kiosk.wire.staff import StaffMember
from provisioning.checks.contract import Depth
from provisioning.live_devices import looked_after
from provisioning.talk import CannotDo

_log = logger("technician")

IDLE_S: Final = 180.0
"""Without a touch for so long the mode ends by itself; what runs is waited for."""
WATCHED_S: Final = 900.0
"""The live devices may be looked at for longer, with hands in the machine."""
LOOK_EVERY_S: Final = 0.5


class Outcome(StrEnum):
    """What is to happen after the technician."""

    SERVE = "serve"
    RESTART = "restart"
    """The program ends, and its unit starts it again: something was changed that is read at the start."""
    EXIT = "exit"
    """The program ends, and is not started again until a technician does."""


class Left(Exception):
    """The technician has left.

    Attributes:
        alone: nobody touched anything.
    """

    def __init__(self, *, alone: bool = False) -> None:
        super().__init__("alone" if alone else "left")
        self.alone = alone


@dataclass
class Session:
    """One technician before one terminal.

    Attributes:
        site: the site file, with this role only.
        folder: the role's own, in which it is written down whether it is out of service.
        changed: something was changed that is read at the start.
    """

    stage: Stage
    site: Site
    role: Role
    clock: Clock
    audit: Audit
    folder: Path
    member: StaffMember
    changed: bool = False
    _outcome: Outcome = field(default=Outcome.SERVE)

    async def run(self) -> Outcome:
        """Work until the technician leaves, or nobody touches anything.

        Returns:
            What is to happen now.
        """
        self.stage.reset()
        use = Use.LEFT
        try:
            await self._menu()
        except Left as left:
            use = Use.ENDED if left.alone else Use.LEFT
        _log.warning("the technician's mode is over", technician=self.member.id, how=use.value)
        await self.audit(self.member.name, use)
        self.stage.reset()
        if self._outcome is Outcome.SERVE and self.changed:
            return Outcome.RESTART
        return self._outcome

    # ----------------------------------------------------------------------------------------------------------------

    async def ask(self, state: State, idle: float = IDLE_S) -> Intent:
        """Show a state and wait for the answer.

        Raises:
            Left: they leave, or nothing was touched for so long.
        """
        self.stage.show(state)
        while True:
            intent: Intent | None = None
            with anyio.move_on_after(idle):
                intent = await self.stage.intent()
            if intent is None:
                raise Left(alone=True)
            if isinstance(intent, Cancel):
                raise Left
            if not isinstance(intent, Stay):
                return intent

    async def yes(self, task: Task, question: str, *, choice: bool = True) -> bool:
        """Ask something that is answered with yes or no.

        Raises:
            Left: they leave.
        """
        while True:
            match await self.ask(view.Ask(task, question, choice)):
                case view.Answer(yes=yes):
                    return yes
                case Back():
                    return False
                case _:
                    pass

    async def show(self, report: Report) -> None:
        """Show a report until it was read."""
        while not isinstance(await self.ask(report), Back | Next):
            pass

    def tell(self, task: Task) -> Callable[[str], None]:
        """What shows each step of a task; called from its worker thread."""
        return lambda line: anyio.from_thread.run_sync(self.stage.show, view.Working(task, line))

    # ----------------------------------------------------------------------------------------------------------------

    def _tasks(self) -> tuple[Task, ...]:
        wanted = [Task.DEVICES, Task.QUICK, Task.FULL, Task.DOCTOR, Task.CALIBRATE]
        if Kind.CODE_SCANNER in self.site.devices[self.role]:
            wanted.append(Task.ENROL)
        if Kind.PRINTER in self.site.devices[self.role]:
            wanted.append(Task.PAPER)
        wanted += [Task.STATS, Task.RELEASE, Task.BUNDLE]
        wanted.append(Task.BACK_IN if held.is_held(self.folder) else Task.OUT)
        return (*wanted, Task.RESTART, Task.EXIT)

    def _page(self, tasks: tuple[Task, ...], done: Done, *, inner: bool = False) -> view.Menu:
        return view.Menu(
            self.site.terminal,
            self.member.name,
            kiosk.__version__,
            tasks,
            held=held.is_held(self.folder),
            inner=inner,
            done=done,
        )

    async def _menu(self) -> None:
        done = Done.NOTHING
        while True:
            match await self.ask(self._page(self._tasks(), done)):
                case view.Do(task=task) if task in self._tasks():
                    done = await self._do(task)
                case Back():
                    return
                case _:
                    pass

    async def _calibrate(self) -> None:
        possible = tools.possible(self.site, self.role)
        calibrating = Calibrating(self)
        while True:
            match await self.ask(self._page(possible, Done.NOTHING, inner=True)):
                case view.Do(task=task) if task in possible:
                    await self._guarded(task, partial(calibrating.do, task))
                case Back():
                    return
                case _:
                    pass

    async def _do(self, task: Task) -> Done:
        if task is Task.CALIBRATE:
            await self._calibrate()
            return Done.NOTHING
        return await self._guarded(task, partial(self._task, task))

    async def _guarded(self, task: Task, work: Callable[[], Awaitable[Done]]) -> Done:
        """Do a task; whatever fails, it is said, and the technician goes on."""
        await self.audit(self.member.name, reason_of(task))
        try:
            return await work()
        except Left:
            raise
        except CannotDo as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001  whatever it was, the technician goes on
            _log.exception("a technician's task failed", task=task.value, exc_info=error)
            problem = f"{type(error).__name__}: {error}"
        await self.show(Report(task, (Line("", problem, Good.NO),), failed=True))
        return Done.NOTHING

    async def _task(self, task: Task) -> Done:  # noqa: C901, PLR0912  one line a task
        match task:
            case Task.DEVICES:
                await self._devices()
            case Task.QUICK:
                await self._report(task, partial(self._checked, Depth.QUICK))
            case Task.FULL:
                await self._full()
            case Task.DOCTOR:
                await self._report(task, partial(tools.doctored, self.site, self.clock, self.tell(task)))
            case Task.STATS:
                await self._report(task, partial(tools.counted, self.site))
            case Task.BUNDLE:
                await self._report(task, partial(tools.bundled, self.site, self.clock, self.tell(task)))
            case Task.RELEASE:
                await self.show(Report(task, tools.released()))
            case Task.ENROL:
                await self._enrol()
            case Task.PAPER:
                return Done.PAPER
            case Task.OUT:
                held.hold(self.folder, self.member.name)
                return Done.OUT
            case Task.BACK_IN:
                held.release(self.folder)
                return Done.BACK_IN
            case Task.RESTART:
                await self._end(task, "Restart the program now?", Outcome.RESTART)
            case Task.EXIT:
                await self._end(task, "End the program, and leave the machine to you?", Outcome.EXIT)
            case _:
                pass
        return Done.NOTHING

    async def _end(self, task: Task, question: str, outcome: Outcome) -> None:
        if await self.yes(task, question):
            self._outcome = outcome
            raise Left

    async def _report(self, task: Task, work: Callable[[], Awaitable[tuple[Line, ...]]]) -> None:
        self.stage.show(view.Working(task))
        await self.show(Report(task, await work()))

    async def _checked(
        self, depth: Depth, person: "AtTheScreen | None" = None, *, barrier: bool = False
    ) -> tuple[Line, ...]:
        task = Task.QUICK if depth is Depth.QUICK else Task.FULL
        return await tools.checked(self.site, self.role, self.clock, depth, person, self.tell(task), barrier=barrier)

    async def _full(self) -> None:
        barrier = self.role == "gate" and await self.yes(
            Task.FULL, "May the barrier move now? Nobody may stand in the lane."
        )
        await self._report(
            Task.FULL, partial(self._checked, Depth.INTERACTIVE, AtTheScreen(self, Task.FULL), barrier=barrier)
        )

    async def _enrol(self) -> None:
        question = "Replace this terminal's identity by a new one? Have a new ticket ready, as a QR code."
        if await self.yes(Task.ENROL, question):
            await self._report(
                Task.ENROL, partial(tools.enrolled, self.site, self.role, self.clock, self.tell(Task.ENROL))
            )
            self.changed = True

    async def _devices(self) -> None:
        """The devices live, until they were seen."""
        ends = anyio.current_time() + WATCHED_S
        async with looked_after(self.site, "", self.clock) as live:
            while anyio.current_time() < ends:
                self.stage.show(Report(Task.DEVICES, tools.devices_now(live), live=True))
                intent: Intent | None = None
                with anyio.move_on_after(LOOK_EVERY_S):
                    intent = await self.stage.intent()
                if isinstance(intent, Cancel):
                    raise Left
                if isinstance(intent, Back | Next):
                    return
        raise Left(alone=True)


@dataclass(frozen=True)
class AtTheScreen:
    """The technician, as the checks know somebody who stands there (`provisioning.checks.contract.Person`)."""

    session: Session
    task: Task

    def confirm(self, question: str) -> bool:
        """Ask on the screen; called from the worker thread."""
        return anyio.from_thread.run(self.session.yes, self.task, question)

    def show(self, text: str) -> None:
        """Say on the screen what to do."""
        anyio.from_thread.run_sync(self.session.stage.show, view.Working(self.task, text))
