"""What a role is put together from, once the store is open, the hub is linked and the camera sees."""

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.kinds import Speaker
from kiosk.clock import Clock
from kiosk.config import Site
from kiosk.devices.supervisor import Device
from kiosk.equipment import Equipment, Start
from kiosk.health import Vitals
from kiosk.link.client import HubClient
from kiosk.link.health_code import HealthCodeClient
from kiosk.link.identity import TerminalIdentity
from kiosk.link.sync import Uplink
from kiosk.lock import Lock
from kiosk.published import Published
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.vision.client import VisionProcess


@dataclass(frozen=True, slots=True)
class Parts:
    """All that both roles have.

    Attributes:
        start: starts a task beside the others.
        offline: whether the hub has not been heard of for a while.
        health_codes: None where no service is set up.
        speaker: None where the site file sets none up.
        lock: whether the hub has it serve nobody.
    """

    site: Site
    identity: TerminalIdentity
    stage: Stage
    clock: Clock
    published: Published
    equipment: Equipment
    vitals: Vitals
    start: Start
    database: Database
    hub: HubClient
    uplink: Uplink
    sight: VisionProcess
    ledger: Ledger
    outbox: StoredOutbox
    offline: Callable[[], bool]
    health_codes: HealthCodeClient | None = None
    speaker: Device[Speaker] | None = None
    lock: Lock = field(default_factory=Lock)
