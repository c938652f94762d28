"""What a person shows: the appointment and the proof of health. Whoever has no telephone is found in the list."""

from datetime import datetime
from typing import Protocol

import anyio

from drivers.errors import DriverError
from drivers.kinds import CodeScanner
from kiosk.clock import Clock
from kiosk.devices.reach import Reach, patiently
from kiosk.gate import appointments
from kiosk.gate.appointments import AppointmentBook
from kiosk.gate.evidence import Pace, Trust, Who, or_staff
from kiosk.session import Stage
from kiosk.view import gate as view
from kiosk.wire.evidence import (
    Code,
    CodeChecked,
    CodeStatus,
    HealthProof,
    NotMeasured,
    Why,
)
from kiosk.wire.rules import Rules

TRIES = 3
"""So many things that are not what was asked for, and the person is not asked again."""
PARTS_MOST = 12
"""Of a certificate in several codes."""
_READ_SECONDS = 1.0
"""To read why, and to take the wrong thing away."""


class AnotherPart(Exception):
    """One part of a proof in several codes was read; the others are missing."""


class HealthProofs(Protocol):
    """Whatever can judge a proof of health."""

    async def check(self, payload: bytes, who: Who, now: datetime) -> HealthProof | None:
        """Judge what was shown.

        Returns:
            What it is worth; None when it is no proof of health at all.

        Raises:
            AnotherPart: it is one part of several.
        """
        ...


class Shown:
    """What the scanner reads of one person."""

    def __init__(self, scanner: Reach[CodeScanner], stage: Stage, name: str) -> None:
        self._scanner, self._stage, self._name = scanner, stage, name

    async def next(self) -> bytes | NotMeasured:
        """Wait for the next code; `NotMeasured` when the scanner fails."""
        while True:
            try:
                scanned = await patiently(self._scanner, lambda s: s.scan(1.0), within=3.0)
            except DriverError as error:
                return NotMeasured(why=Why.DEVICE_FAULT, device="code_scanner", code=error.code)
            if scanned is not None:
                return scanned.payload

    async def tell(self, state: view.ShowCode | view.ShowHealth) -> None:
        """Say why it was not what was asked for, for as long as it takes to read."""
        self._stage.show(state)
        await anyio.sleep(_READ_SECONDS)


async def code(
    who: Who,
    rules: Rules,
    book: AppointmentBook,
    *,
    stage: Stage,
    scanner: Reach[CodeScanner],
    trust: Trust,
    pace: Pace,
    clock: Clock,
    already: bytes = b"",
) -> Code:
    """The appointment: from the list where there is one for this person, else from the code that is shown.

    Args:
        already: the code that the person has identified themselves with; it is not asked for again.
    """

    async def judged(payload: bytes) -> Code:
        return await appointments.shown(
            payload,
            book,
            rules,
            public_key=trust.signing_key,
            hall=trust.hall,
            person=who.person,
            now=clock.now(),
            device="code_scanner",
        )

    if already:
        return await judged(already)
    found = await appointments.listed(who.person, book, rules, now=clock.now())
    if found is not None:
        return found  # where it is cancelled, used, or at another time, no other code of theirs changes that
    if rules.walk_in:
        return NotMeasured(why=Why.NOT_SHOWN, device="appointment_list", code="walk_in")
    last: Code = NotMeasured(why=Why.NOT_SHOWN, device="code_scanner")
    shown = Shown(scanner, stage, who.name)

    async def scan() -> Code:
        nonlocal last
        for _ in range(TRIES):
            payload = await shown.next()
            if isinstance(payload, NotMeasured):
                return payload
            last = await judged(payload)
            if isinstance(last, CodeChecked) and last.status is not CodeStatus.NOT_A_CODE:
                break
            await shown.tell(view.ShowCode(who.name, view.CodeHint.NOT_A_CODE))
        return last

    def late() -> NotMeasured:
        return last if isinstance(last, NotMeasured) else NotMeasured(why=Why.UNREADABLE, device="code_scanner")

    stage.show(view.ShowCode(who.name))
    return await or_staff(stage, pace.code_seconds, scan, late)


async def health(
    who: Who,
    proofs: HealthProofs | None,
    *,
    stage: Stage,
    scanner: Reach[CodeScanner],
    pace: Pace,
    clock: Clock,
) -> HealthProof:
    """The health code or certificate, of one or several codes."""
    if proofs is None:
        return NotMeasured(why=Why.NOT_INSTALLED, device="health_service")
    shown = Shown(scanner, stage, who.name)
    last: HealthProof = NotMeasured(why=Why.NOT_SHOWN, device="code_scanner")

    async def scan() -> HealthProof:
        nonlocal last
        wrong = parts = 0
        while wrong < TRIES and parts < PARTS_MOST:
            payload = await shown.next()
            if isinstance(payload, NotMeasured):
                return payload
            try:
                found = await proofs.check(payload, who, clock.now())
            except AnotherPart:
                parts += 1
                last = NotMeasured(why=Why.UNREADABLE, device="code_scanner", code="incomplete")
                stage.show(view.ShowHealth(who.name, view.CodeHint.ANOTHER_PART))
                continue
            if found is not None:
                return found
            wrong += 1
            last = NotMeasured(why=Why.UNREADABLE, device="code_scanner", code="not_health")
            await shown.tell(view.ShowHealth(who.name, view.CodeHint.NOT_HEALTH))
        return last

    def late() -> NotMeasured:
        return last if isinstance(last, NotMeasured) else NotMeasured(why=Why.NOT_SHOWN, device="code_scanner")

    stage.show(view.ShowHealth(who.name))
    return await or_staff(stage, pace.code_seconds, scan, late)
