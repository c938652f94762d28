"""Remote help put together for a role: the rings that its process and the screens share, and the help line."""

from collections.abc import Callable

import numpy as np

from kiosk.clock import Clock
from kiosk.config import Role, Site
from kiosk.help.line import Around, HelpLine
from kiosk.help.process import STAFF_SIZE, starts
from kiosk.link.client import HubClient
from kiosk.link.identity import TerminalIdentity
from kiosk.link.sync import LinkState, Uplink
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.store.queue import queue
from kiosk.view.help import Guide, Watch
from kiosk.vision.frames import Ring
from kiosk.wire.events import CallbackWanted

SCREEN_SIZE = (960, 540)
"""Height and width of the screen's picture for staff."""


class HelpRings:
    """What the screens, the process for pictures and sound, and the terminal share."""

    def __init__(self) -> None:
        self.screen = Ring.create(slots=3, height=SCREEN_SIZE[0], width=SCREEN_SIZE[1])
        self.staff = Ring.create(slots=3, height=STAFF_SIZE[0], width=STAFF_SIZE[1])
        self._number = 0

    def mirror(self, width: int, height: int, rgb: bytes) -> None:
        """Put the screen as staff may see it; from any thread."""
        picture = np.frombuffer(rgb, np.uint8).reshape(height, width, 3)
        self._number += 1
        self.screen.put(picture[:, :, ::-1], self._number, 0.0)

    def close(self) -> None:
        """Give the memory back."""
        self.screen.close()
        self.staff.close()


def help_line(
    site: Site,
    role: Role,
    identity: TerminalIdentity,
    stage: Stage,
    clock: Clock,
    *,
    hub: HubClient,
    uplink: Uplink,
    database: Database,
    camera: Ring,
    rings: HelpRings,
    guide: Callable[[Guide | Watch], None],
) -> HelpLine:
    """The help line of a role."""

    async def leave(event: CallbackWanted) -> None:
        await database.write(lambda connection: queue(connection, event, event.at))
        uplink.wake()

    sound = site.help.sound
    kind, _, path = sound.partition(":")
    if kind == "socket":
        sound = f"socket:{site.path.parent / path}"
    return HelpLine(
        Around(
            stage=stage,
            hub=hub,
            media=starts((camera, rings.screen, rings.staff), sound),
            guide=guide,
            watch=guide,
            leave=leave,
            recipient=identity.hub_recipient,
            away=lambda: uplink.state is LinkState.AWAY,
            clock=clock,
            role=role,
        )
    )
