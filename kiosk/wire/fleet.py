"""Enrolment, health and what the hub sends down."""

from typing import Annotated

import msgspec

from kiosk.wire.evidence import Digest, Moment, Name, Wire
from kiosk.wire.release import ReleaseReport


class EnrolmentTicket(Wire, frozen=True, kw_only=True):
    """What the technician types or scans. Carries the fingerprint of the hub's CA: no trust on first use."""

    url: Annotated[str, msgspec.Meta(max_length=200)]
    """Base address of the hub's terminal port, https."""
    code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """Empty where a machine enrols by its serial number."""
    ca_sha256: Digest
    """SHA-256 of the CA certificate in DER."""


class EnrolRequest(Wire, frozen=True, kw_only=True):
    """A terminal asks for its certificate. `csr` is PEM, P-256."""

    code: Annotated[str, msgspec.Meta(max_length=40)]
    csr: Annotated[str, msgspec.Meta(max_length=4000)]


class RenewRequest(Wire, frozen=True, kw_only=True):
    """A terminal asks for its next certificate over its line. `csr` is PEM, P-256, of a new key."""

    csr: Annotated[str, msgspec.Meta(max_length=4000)]


class Renewed(Wire, frozen=True, kw_only=True):
    """The answer: PEM, leaf first."""

    certificate: str


class Enrolled(Wire, frozen=True, kw_only=True):
    """The answer: who the terminal is, and what it needs to work."""

    terminal: Name
    hall: Name
    certificate: str
    """PEM, leaf first."""
    ca: str
    """PEM of the hub's CA."""
    hub_recipient: str
    """age public key that papers and personal fields are sealed to."""
    hall_key: str
    """Hexadecimal, 32 bytes: key of the digests that stand for persons in this hall."""
    rules_key: str
    """Hexadecimal, raw Ed25519 public key: signs rules, the catalogue and appointment codes."""
    receipt_range: Annotated[int, msgspec.Meta(ge=1, le=999_999)]
    """First six digits of every receipt number of this terminal, with leading zeros."""
    receipts_from: Annotated[int, msgspec.Meta(ge=1)] = 1
    """The first number to give: above all that the hub knows, for a terminal that lost its disk and enrols again."""


class Signed(Wire, frozen=True, kw_only=True):
    """Data with a signature by the hub. `body` is the exact JSON that was signed (Ed25519)."""

    kind: Name
    """`rules` or `catalogue`."""
    version: int
    body: Annotated[bytes, msgspec.Meta(max_length=4 * 1024 * 1024)]
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class DeviceHealth(Wire, frozen=True, kw_only=True):
    """How one device is."""

    name: Name
    driver: Name
    state: Name
    code: Name = ""
    fault: Name = ""
    remedy: Name = ""
    proven_on: Name = ""
    good: int = 0
    errors: int = 0
    notice: Name = ""
    """A fault that it goes on with until somebody sees to it."""
    opened: Annotated[int, msgspec.Meta(ge=0)] = 0
    cycles: Annotated[int, msgspec.Meta(ge=0)] = 0
    ready_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    supplies: Annotated[dict[Name, Name], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=dict)
    """What it lives on, e.g. `paper`: `near_end`."""
    model: Name = ""
    firmware: Name = ""


class ScreenUse(Wire, frozen=True, kw_only=True):
    """How a screen was used since the terminal started. Counts only: nothing of who it was or what they typed."""

    view: Name
    shown: Annotated[int, msgspec.Meta(ge=0)]
    left: Annotated[int, msgspec.Meta(ge=0)] = 0
    """People who went away from it before they were done."""
    seconds: Annotated[int, msgspec.Meta(ge=0)] = 0
    people: Annotated[int, msgspec.Meta(ge=0)] = 0
    """People who came to it, each once a visit, however often they went back; 0 from terminals of before."""


class EditionRefused(Wire, frozen=True, kw_only=True):
    """A signed edition that came and cannot be used: the terminal goes on with the one before."""

    version: Annotated[int, msgspec.Meta(ge=0)]
    why: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Health(Wire, frozen=True, kw_only=True):
    """How a terminal is. Sent every few seconds; never queued, only the newest counts."""

    terminal: Name
    role: Name
    version: Name
    made: Moment
    in_service: bool
    view: Name
    """Name of the view state on the screen; no content."""
    rules_version: int
    outbox_waiting: int
    outbox_dead: int
    oldest_waiting: Moment | None = None
    devices: Annotated[tuple[DeviceHealth, ...], msgspec.Meta(max_length=200)] = ()
    entered: Annotated[int, msgspec.Meta(ge=0)] = 0
    """People who came in through this lane today (China's date), by the beams; those who tailgated are counted."""
    left: Annotated[int, msgspec.Meta(ge=0)] = 0
    paused: bool = False
    """Closed by staff."""
    release: ReleaseReport | None = None
    """Which release it runs, and what became of others; None before the terminal knows."""
    list_made: Moment | None = None
    """When the hub made the appointment list that is here."""
    screens: Annotated[tuple[ScreenUse, ...], msgspec.Meta(max_length=200)] = ()
    """How its screens were used since it started."""
    editions: Annotated[dict[Name, Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(max_length=50)] | None = None
    """The version of each signed edition that it fetches, by kind; 0 for none yet. None: it does not say (older)."""
    refused: Annotated[dict[Name, EditionRefused], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=dict)
    """Editions newer than those above that came and cannot be used here, by kind."""
