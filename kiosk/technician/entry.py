"""Where the technician's mode joins the terminal: the gesture ends what is served, a PIN opens the mode."""

from collections.abc import Awaitable, Callable
from functools import partial

import anyio

from kiosk.clock import Clock
from kiosk.config import Role, Site
from kiosk.log import logger
from kiosk.session import Stage, first
from kiosk.technician import held
from kiosk.technician.audit import Audit
from kiosk.technician.door import Door
from kiosk.technician.pad import let_in
from kiosk.technician.session import Outcome, Session
from kiosk.technician.tools import of_role
from kiosk.view.common import Cause, OutOfService
from kiosk.wire.staff import StaffMember
from provisioning.technicians import known

_log = logger("technician")


class TechnicianLeaves(Exception):
    """A technician ends the program.

    Attributes:
        again: its unit is to start it again.
    """

    def __init__(self, *, again: bool) -> None:
        super().__init__("restart" if again else "exit")
        self.again = again


class TechnicianEntry:
    """The technician's mode of one role.

    Args:
        stage: the screen.
        site: the site file.
        role: which of its roles.
        clock: the wall clock.
        audit: keeps every use.
        door: knows the PINs; made from the site's folder when left out.
    """

    def __init__(
        self, stage: Stage, site: Site, role: Role, clock: Clock, audit: Audit, door: Door | None = None
    ) -> None:
        self._stage, self._role, self._clock, self._audit = stage, role, clock, audit
        self._site = of_role(site, role)
        self._folder = site.data / role
        self._door = door or Door(self._folder / "technician-tries.json", partial(known, site), clock)
        self._asked = anyio.Event()
        stage.on_technician = self._ask

    def _ask(self) -> None:
        self._asked.set()

    async def until_let_in(
        self, serve: Callable[[], Awaitable[None]], settle: Callable[[], Awaitable[object]]
    ) -> StaffMember:
        """Serve people until a technician was let in.

        The gesture ends whatever is being served, at once: a draft is forgotten, what had begun is settled as after a
        power cut. Then the PIN is asked for; without one, people are served again.

        Args:
            serve: serves people; does not return.
            settle: closes what was interrupted.
        """
        while True:
            self._asked = anyio.Event()
            if held.is_held(self._folder):
                await first(self._out_of_service, self._asked.wait)
            else:
                await first(serve, self._asked.wait)
            self._stage.reset()
            await settle()
            member = await let_in(self._stage, self._door, self._audit)
            self._stage.reset()
            if member is not None:
                return member

    async def _out_of_service(self) -> None:
        self._stage.show(OutOfService(Cause.MAINTENANCE))
        await anyio.sleep_forever()

    async def work(self, member: StaffMember) -> None:
        """Let the technician work, with the devices let go of.

        Raises:
            TechnicianLeaves: the program is to end.
        """
        session = Session(self._stage, self._site, self._role, self._clock, self._audit, self._folder, member)
        outcome = await session.run()
        self._stage.show(OutOfService(Cause.STARTING))
        if outcome is not Outcome.SERVE:
            _log.warning("a technician ends the program", outcome=outcome.value)
            raise TechnicianLeaves(again=outcome is Outcome.RESTART)
