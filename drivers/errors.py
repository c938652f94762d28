"""The closed list of ways a device can fail, each with a stable code and a remedy.

Nobody parses a message: screens, hub and logs translate `code`, and `remedy` says who can mend it.
The split (caller, person, consumable, device, transport) follows XFS4IoT's completion codes.
"""

from enum import StrEnum


class Remedy(StrEnum):
    """Who can mend it."""

    WAIT = "wait"
    """Comes back by itself, or with the next try of the person in front."""
    ATTENDANT = "attendant"
    """A member of staff at the hall: paper, cover, a card left behind."""
    TECHNICIAN = "technician"
    """Wiring, configuration or a broken device."""


class Effect(StrEnum):
    """Whether an interrupted command took effect on the device."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class DriverError(Exception):
    """A device did not do what it was asked.

    Args:
        detail: for the technician's log, in English; never personal data.
        effect: whether the interrupted command took effect.
    """

    code: str = "driver"
    remedy: Remedy = Remedy.WAIT

    def __init__(self, detail: str, *, effect: Effect = Effect.NO) -> None:
        super().__init__(detail)
        self.detail = detail
        self.effect = effect


class NotPresent(DriverError):
    """Nothing answers at this address: not plugged in, or another program holds it."""

    code = "not_present"
    remedy = Remedy.ATTENDANT


class LinkError(DriverError):
    """It was there and the link broke: unplugged, connection reset."""

    code = "link"
    remedy = Remedy.ATTENDANT


class NoAnswer(DriverError):
    """Linked, but silent past the deadline."""

    code = "no_answer"
    remedy = Remedy.WAIT


class BadFrame(DriverError):
    """Bytes that the protocol does not allow.

    The bytes travel with the error as `frame`. They may hold personal data, so neither `str()` nor `repr()`
    shows more than their number.
    """

    code = "bad_frame"
    remedy = Remedy.WAIT

    def __init__(self, detail: str, frame: bytes, *, effect: Effect = Effect.NO) -> None:
        super().__init__(f"{detail} ({len(frame)} bytes)", effect=effect)
        self.frame = frame


class WrongDevice(DriverError):
    """Something else answers at this address. Never tried again without a change of the site file."""

    code = "wrong_device"
    remedy = Remedy.TECHNICIAN


class DeviceFault(DriverError):
    """The device itself reports that it cannot.

    Args:
        fault: stable, lower-case name of the fault, e.g. `paper_out`, `card_moved`, `self_test_failed`.
    """

    code = "device_fault"
    remedy = Remedy.ATTENDANT

    def __init__(
        self,
        fault: str,
        detail: str = "",
        *,
        remedy: Remedy = Remedy.ATTENDANT,
        effect: Effect = Effect.NO,
    ) -> None:
        super().__init__(detail or fault, effect=effect)
        self.fault = fault
        self.remedy = remedy
