"""Gathering evidence: who it is, how long each step may take, and the way out to staff that each step has.

`sighting` is what the camera says, `warmth` the thermometer, `proofs` what is shown to the scanner. Each ends in its
time and returns a value, never an error.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeVar

import anyio

from drivers.kinds import IdCard
from kiosk.clock import local_date
from kiosk.session import Stage, first
from kiosk.view.common import CallStaff
from kiosk.wire.codes import CodeClaims
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import DocumentKind, IdentityRead, NotMeasured, Why
from kiosk.wire.gb11643 import birth_date, is_valid

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a person is given for each step, in seconds."""

    face_seconds: float = 10.0
    face_frames: int = 5
    challenge_seconds: float = 14.0
    mask_seconds: float = 15.0
    remind_seconds: float = 3.0
    temperature_seconds: float = 5.0
    code_seconds: float = 20.0
    pass_seconds: float = 8.0
    result_seconds: float = 6.0
    help_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Trust:
    """What enrolment gave the terminal: keys to digest, verify and seal with."""

    hall: str
    hall_key: bytes
    signing_key: bytes
    recipient: str


@dataclass(frozen=True, slots=True)
class Who:
    """The person in front, as far as the later steps need to know.

    Attributes:
        person: digest of the number.
        name: masked, for the screens.
        full_name: as on the document, to compare with a certificate's; never stored in the clear.
        number: of the document; never stored in the clear.
        birth: date of birth, where the document says.
    """

    person: str
    name: str
    full_name: str = ""
    number: str = ""
    birth: date | None = None


async def _asks_for_staff(stage: Stage) -> NotMeasured:
    """Return when the person asks for staff instead."""
    while True:
        if isinstance(await stage.intent(), CallStaff):
            return NotMeasured(why=Why.DECLINED)


async def or_staff(
    stage: Stage, seconds: float, work: Callable[[], Awaitable[E]], late: Callable[[], NotMeasured]
) -> E | NotMeasured:
    """Do `work`; end it when the person asks for staff, or when the time is over.

    Args:
        late: says why there is nothing, when the time is over.
    """
    found: E | NotMeasured | None = None
    with anyio.move_on_after(seconds):
        found = await first(work, partial(_asks_for_staff, stage))
    return late() if found is None else found


def identity(card: IdCard, trust: Trust, now: datetime, device: str) -> IdentityRead:
    """What the card says of who it is."""
    return IdentityRead(
        document=DocumentKind(card.document.value),
        person=person_digest(card.number, trust.hall_key),
        number_is_valid=is_valid(card.number) and birth_date(card.number) == card.birth,
        valid_from=card.valid_from,
        valid_to=card.valid_to,
        device=device,
        at=now,
    )


def identity_of_code(claims: CodeClaims, now: datetime, device: str) -> IdentityRead | None:
    """The person a signed code is made out to; None for a code for whoever shows it.

    When it is good is judged with the appointment, and told so: it is no document that expires.
    """
    if not claims.person:
        return None
    return IdentityRead(
        document=DocumentKind.CODE,
        person=claims.person,
        number_is_valid=True,
        valid_from=local_date(min(claims.not_before, now)),
        valid_to=None,
        device=device,
        at=now,
    )
