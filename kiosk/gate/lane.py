"""One way through the gate with all that serves it, and who has come to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from drivers.kinds import Barrier, CodeScanner, IdReader, Lamp, Thermometer
from kiosk.calibration import Correction
from kiosk.clock import Clock
from kiosk.devices.reach import Reach
from kiosk.gate.appointments import AppointmentBook
from kiosk.gate.evidence import Pace, Trust, Who
from kiosk.gate.proofs import HealthProofs
from kiosk.gate.told_full import ToldFull
from kiosk.gate.watch import Watch
from kiosk.lock import Lock
from kiosk.session import Stage
from kiosk.vision.observation import Sight
from kiosk.wire.events import Crossed, Passage
from kiosk.wire.evidence import FaceCompared, IdentityRead, Inside
from kiosk.wire.rules import Rules


class PassageLedger(Protocol):
    """Where passages are kept."""

    async def keep_passage(self, passage: Passage) -> None:
        """Store a passage durably and queue it for the hub."""
        ...

    async def end_passage(self, passage: UUID, crossed: Crossed, fault: str = "", people: int = 0) -> None:
        """Store and queue what became of it."""
        ...


class HeadCount(Protocol):
    """How many are inside."""

    def inside(self) -> int | None:
        """By the best count there is now; None where nothing counts."""
        ...

    async def evidence(self, person: str) -> Inside:
        """The count, and when this person came in last."""
        ...

    async def refresh(self) -> None:
        """Count anew."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody has come, and this is who.

    Attributes:
        photo: the document's, as its reader gave it; None where it has none.
        document: as it goes into the sealed register.
        code: what the scanner read, where a code identified them: it is not asked for a second time.
        green_channel: staff brought them, because they had asked for help.
        face: who was recognised has been compared already.
    """

    identity: IdentityRead
    who: Who
    photo: bytes | None = None
    document: str = ""
    number_masked: str = ""
    code: bytes = b""
    green_channel: bool = False
    face: FaceCompared | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One way through the gate, with all that serves it.

    Attributes:
        attend: shows the staff screens when a member of staff opens them, and returns who they have registered by
            hand, if anybody; None where there are no staff screens.
        opens_staff: which intent opens them.
        paused: whether staff have closed the lane.
        fire: whether the fire alarm is on.
        lock: whether the hub has it serve nobody.
        correction: what the thermometer's calibration adds to its readings now; None where none is in force.
        lamp: the light over the lane, where there is one.
        told_full: who was sent away from here because the hall was full.
        passports: whether the scanner reads machine-readable zones.
        regulars: waits for somebody who agreed to be recognised; None where nobody can be.
        watch: the hall's watch list; None where the lane has none.
    """

    name: str
    hall_name: str
    stage: Stage
    reader: Reach[IdReader]
    thermometer: Reach[Thermometer]
    scanner: Reach[CodeScanner]
    barrier: Reach[Barrier]
    sight: Sight
    ledger: PassageLedger
    book: AppointmentBook
    count: HeadCount
    trust: Trust
    rules: Callable[[], Rules]
    offline: Callable[[], bool]
    pace: Pace
    clock: Clock
    proofs: HealthProofs | None = None
    attend: Callable[[], Awaitable[Arrival | None]] | None = None
    opens_staff: Callable[[object], bool] = field(default=lambda _: False)
    paused: Callable[[], bool] = field(default=lambda: False)
    fire: Callable[[], bool] = field(default=lambda: False)
    lock: Lock = field(default_factory=Lock)
    correction: Callable[[], Correction | None] = field(default=lambda: None)
    lamp: Reach[Lamp] | None = None
    told_full: ToldFull = field(default_factory=ToldFull)
    passports: bool = False
    regulars: Callable[[], Awaitable[Arrival]] | None = None
    watch: Watch | None = None
