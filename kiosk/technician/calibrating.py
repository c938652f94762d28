"""Calibrating on the screen: the steps of `provisioning.calibrate`, with what they ask for."""

from functools import partial
from typing import TYPE_CHECKING, Final

from kiosk.technician import tools
from kiosk.view import technician as view
from kiosk.view.common import Back
from kiosk.view.technician import Asked, Done, Report, Task
from provisioning.calibrate import steps, touch
from provisioning.calibrate.records import Calibration

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.technician.session import Session

NEAR: Final = 0.25
"""A touch farther from its cross than this share of the panel was meant for something else."""


class Calibrating:
    """What one session calibrates."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    async def do(self, task: Task) -> Done:
        """Calibrate one thing, and show what was found.

        Raises:
            CannotDo: it is outside its limits, or the device fails; nothing was kept.
            Left: the technician has left.
        """
        session = self._session
        work: Callable[[], Calibration | None] | None = None
        match task:
            case Task.TOUCH:
                work = await self._touch()
            case Task.THERMOMETER:
                work = await self._thermometer()
            case Task.DESK if await session.yes(
                task, "Take everything off the desk, with the lamps as in service. Is it empty?"
            ):
                work = partial(steps.desk, session.site, session.clock, by=session.member.name, empty=True)
            case Task.PRINTER:
                work = await self._printer()
            case Task.BEAMS:
                work = partial(steps.beams, session.site, session.clock, by=session.member.name, say=session.tell(task))
            case _:
                pass
        if work is not None:
            session.stage.show(view.Working(task))
            found = await tools.in_thread(work)
            if found is None:
                return Done.NOTHING
            session.changed = True
            await session.show(Report(task, tools.calibration_lines(found)))
        return Done.NOTHING

    async def _typed(self, asked: Asked) -> str:
        """What was typed; empty where they went back."""
        wrong = False
        while True:
            match await self._session.ask(view.TypeIn(asked, wrong)):
                case view.Typed(text=text):
                    text = text.strip()
                    if text and (asked is Asked.CERTIFICATE or (text.isascii() and text.isdecimal())):
                        return text[:64]
                    wrong = True
                case Back():
                    return ""
                case _:
                    pass

    async def _touch(self) -> "Callable[[], Calibration] | None":
        session = self._session
        touched: list[touch.Point] = []
        again = False
        while len(touched) < len(touch.TARGETS):
            x, y = touch.TARGETS[len(touched)]
            match await session.ask(view.ShowTarget(len(touched) + 1, len(touch.TARGETS), x, y, again)):
                case view.Touched(x=said_x, y=said_y):
                    # a panel that is turned or mirrored says quite another place: then nothing can be judged by it
                    near = abs(said_x - x) <= NEAR and abs(said_y - y) <= NEAR
                    if not near and not again:
                        again = True
                        continue
                    touched.append((said_x, said_y))
                    again = False
                case Back():
                    return None
                case _:
                    pass
        return partial(
            touch.touch,
            session.site,
            session.role,
            session.clock,
            touched=tuple(touched),
            by=session.member.name,
            applied=session.site.panel.touch or touch.AS_IT_IS,
        )

    async def _thermometer(self) -> "Callable[[], Calibration] | None":
        session = self._session
        tenths = await self._typed(Asked.REFERENCE)
        certificate = await self._typed(Asked.CERTIFICATE) if tenths else ""
        if not certificate:
            return None
        return partial(
            steps.thermometer,
            session.site,
            session.role,
            session.clock,
            reference_c=int(tenths[:4]) / 10,
            reference=certificate,
            by=session.member.name,
        )

    async def _printer(self) -> "Callable[[], Calibration | None] | None":
        session = self._session
        session.stage.show(view.Working(Task.PRINTER, "printing the ruler"))
        await tools.ruler(session.site, session.role, session.clock, session.member.name)
        width = await self._typed(Asked.WIDTH)
        if not width:
            return None
        cut = await session.yes(Task.PRINTER, "Was the ruler cut off clean?")
        return partial(
            steps.printer,
            session.site,
            session.role,
            session.clock,
            by=session.member.name,
            width=int(width[:4]),
            cut=cut,
        )
