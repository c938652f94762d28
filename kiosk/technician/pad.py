"""Letting a technician in: the PIN pad, which closes by itself."""

import math
from typing import Final

import anyio

from kiosk.log import logger
from kiosk.session import Stage
from kiosk.technician.audit import NOBODY, Audit, Use
from kiosk.technician.door import Door
from kiosk.view import technician as view
from kiosk.view.common import Back, Cancel
from kiosk.view.screen import Intent
from kiosk.wire.staff import StaffMember

_log = logger("technician")

PAD_IDLE_S: Final = 30.0
"""Without a touch for so long the pad closes: somebody made the gesture by chance, and a queue stands behind."""


async def let_in(stage: Stage, door: Door, audit: Audit) -> StaffMember | None:
    """Ask for a PIN.

    Args:
        stage: the screen, on which nobody is served.
        door: knows the PINs.
        audit: keeps what happened.

    Returns:
        Who it is; None where they went away.
    """
    problem = view.PinProblem.NONE
    until = anyio.current_time() + PAD_IDLE_S
    while anyio.current_time() < until:
        closed = door.closed_for()
        if not door.members():
            problem = view.PinProblem.NOBODY
        elif closed:
            problem = view.PinProblem.WAIT
        elif problem in {view.PinProblem.WAIT, view.PinProblem.NOBODY}:
            problem = view.PinProblem.NONE
        stage.show(view.EnterPin(problem, door.left, math.ceil(closed)))
        intent: Intent | None = None
        with anyio.move_on_after(1.0 if closed else until - anyio.current_time()):
            intent = await stage.intent()
        if intent is None:
            continue
        until = anyio.current_time() + PAD_IDLE_S
        match intent:
            case view.Pin(digits=digits) if problem not in {view.PinProblem.WAIT, view.PinProblem.NOBODY}:
                member = await door.who(digits)
                if member is not None:
                    _log.warning("a technician is signed in", technician=member.id)
                    await audit(member.name, Use.OPENED)
                    return member
                await audit(NOBODY, Use.REFUSED)
                problem = view.PinProblem.WRONG
            case Back() | Cancel():
                return None
            case _:
                pass
    return None
