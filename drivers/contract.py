"""What every driver is: four facts about itself and three calls. The methods of its kind are in `kinds`.

A driver is blocking and is called from one thread at a time, which the supervisor owns. It never retries, never
sleeps to be polite, never logs what it raises and starts no thread. Every call ends within its deadline.
Wire parsing is a pure function on bytes, so that it can be tested without a wire.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.masks import Masks


class Kind(StrEnum):
    """What a device can do. The value names its folder under `drivers/`."""

    ID_READER = "id_reader"
    CAMERA = "camera"
    THERMOMETER = "thermometer"
    CODE_SCANNER = "code_scanner"
    BARRIER = "barrier"
    PRINTER = "printer"
    PAGE_PRINTER = "page_printer"
    LAMP = "lamp"
    SPEAKER = "speaker"
    PRESENCE = "presence"
    ACCESS_TERMINAL = "access_terminal"


class ProofLevel(StrEnum):
    """How far a driver has proven itself."""

    SIMULATOR = "simulator"
    BENCH = "bench"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing a driver was proven on.

    Attributes:
        level: simulator, bench or field.
        what: the device, or the independent judge of the simulator (published frames, another implementation).
        firmware: the firmware seen, empty where there is none.
    """

    level: ProofLevel
    what: str
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which device answered. Empty strings where the protocol has no such field.

    Attributes:
        notes: what a technician should know of it, e.g. settings that it did not take; no personal data.
    """

    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    notes: tuple[str, ...] = ()


class Options(BaseModel):
    """The keys a driver takes in the site file. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: str = Field(default="", description="file that the wire is recorded into, identity masked; empty: none")


class Driver(ABC):
    """One physical device. Its constructor takes one argument, an instance of its own `Options`."""

    key: ClassVar[str]
    """`<kind>/<model>`, as written in the site file."""
    kind: ClassVar[Kind]
    options: ClassVar[type[Options]]
    proven_on: ClassVar[tuple[Proof, ...]]
    masks: ClassVar[Masks | None] = None
    """What a recording may keep of its wire; None: what `registry.masks_of` says of its kind."""

    @abstractmethod
    def __init__(self, options: Options) -> None:
        """Keep the options. Touches no wire: that is for `open`.

        Args:
            options: an instance of the driver's own `options` class.
        """

    @abstractmethod
    def open(self) -> Identity:
        """Connect, and prove that the right device answers.

        Raises:
            NotPresent: nothing is there.
            WrongDevice: something else is.
            NoAnswer, LinkError, BadFrame, DeviceFault: as for any call.
        """

    @abstractmethod
    def probe(self) -> None:
        """Look for a sign of life, without side effects.

        Raises:
            DriverError: there is none.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the wire. Safe to call twice, and from another thread, where it unblocks a waiting call."""
