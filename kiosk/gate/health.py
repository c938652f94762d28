"""Proofs of health: what was scanned is told apart, judged, and becomes evidence.

A health code is asked for over the network, a certificate is verified here. What is neither is sent nowhere.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kiosk.certificates import reader
from kiosk.certificates.answers import CertificateAnswer, Reading, Reason, Refused, StatementKind, TestResult
from kiosk.certificates.trust import Trust
from kiosk.gate.bearer import bearer_of_certificate, bearer_of_code
from kiosk.gate.evidence import Who
from kiosk.gate.proofs import AnotherPart
from kiosk.health_codes import HealthAnswer, HealthCodeService, ServiceAway
from kiosk.wire.codes import PREFIX
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import CertificateChecked, HealthChecked, HealthProof, Holder, NotMeasured, Why
from kiosk.wire.trust import Scheme

MAX_TOKEN_CHARACTERS: Final = 4 * 1024
"""Of a health code; the largest QR code holds 4,296 characters of text."""
DEVICE: Final = "code_scanner"
SERVICE: Final = "health_service"
PARTS_TOGETHER: Final = timedelta(minutes=1)
"""Parts of one certificate are shown within this time."""
TELEPHONE_GOES_ROUND: Final = timedelta(minutes=10)
"""For so long it is known whose telephone an account is."""
_MOST_ACCOUNTS: Final = 256
_SCHEMES: Final = {Scheme.EU_DCC: "dcc", Scheme.SMART_HEALTH_CARD: "shc", Scheme.VDS_NC: "vds_nc"}
"""As the rules name them."""


class Sort(StrEnum):
    """What a scanned payload is."""

    OWN_CODE = "own_code"
    CERTIFICATE = "certificate"
    HEALTH_CODE = "health_code"
    UNKNOWN = "unknown"
    """Anything else: text in another encoding, a payment code, ten kilobytes of A."""


def sort_of(payload: bytes, patterns: Sequence[re.Pattern[str]] = ()) -> Sort:
    """Tell what was scanned, by how it begins.

    Args:
        payload: what the scanner gave; never trusted.
        patterns: of the health codes that the hall's service knows.
    """
    text = _text(payload)
    if text is None:
        return Sort.UNKNOWN
    if text.startswith(PREFIX):
        return Sort.OWN_CODE
    if _is_certificate(text):
        return Sort.CERTIFICATE
    known = len(text) <= MAX_TOKEN_CHARACTERS and any(pattern.fullmatch(text) for pattern in patterns)
    return Sort.HEALTH_CODE if known else Sort.UNKNOWN


def _text(payload: bytes) -> str | None:
    """The text of a payload; None for one that is too long, or in another encoding, e.g. GBK."""
    if len(payload) > reader.MAX_CHARACTERS:
        return None
    try:
        return payload.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return None


def _is_certificate(text: str) -> bool:
    try:
        reader.recognised(text)
    except Refused as refused:
        return refused.answer is not CertificateAnswer.NOT_A_CERTIFICATE
    return True


@dataclass(frozen=True, slots=True)
class _Parts:
    """Codes of one certificate that one person has shown so far."""

    person: str
    since: datetime
    payloads: tuple[bytes, ...]


class Proofs:
    """Judges proofs of health for one lane; the `HealthProofs` of `kiosk.gate.proofs`.

    Args:
        service: the health-code service; None where the hall has none.
        patterns: regular expressions of its codes.
        trust: the trust lists in force.
        hall_key: 32 bytes, the hall's.
    """

    def __init__(
        self,
        service: HealthCodeService | None,
        *,
        patterns: Sequence[re.Pattern[str]],
        trust: Callable[[], Awaitable[Trust]],
        hall_key: bytes,
    ) -> None:
        self._service, self._patterns, self._trust, self._hall_key = service, tuple(patterns), trust, hall_key
        self._parts: _Parts | None = None
        self._telephones: dict[str, tuple[str, datetime]] = {}

    async def check(self, payload: bytes, who: Who, now: datetime) -> HealthProof | None:
        """Judge what was shown.

        Returns:
            What it is worth; None when it is no proof of health at all.

        Raises:
            AnotherPart: it is one part of several.
        """
        match sort_of(payload, self._patterns):
            case Sort.CERTIFICATE:
                return self._certificate(payload, who, await self._trust(), now)
            case Sort.HEALTH_CODE if self._service is not None:
                return await self._health_code(self._service, payload.decode().rstrip("\r\n"), who, now)
            case _:
                return None

    # Health codes ---------------------------------------------------------------------------------------------------

    async def _health_code(self, service: HealthCodeService, token: str, who: Who, now: datetime) -> HealthProof:
        try:
            answer = await service.ask(token, now)
        except ServiceAway as away:
            return NotMeasured(why=Why.DEVICE_FAULT, device=SERVICE, code=away.code[:64])
        holder = bearer_of_code(answer, who, self._hall_key)
        return HealthChecked(
            colour=answer.colour,
            service=service.name[:64],
            made=answer.made or now,
            holder=holder,
            shown_by=self._shown_by(answer, who, now) if holder is Holder.SAME else "",
            device=DEVICE,
            at=now,
        )

    def _shown_by(self, answer: HealthAnswer, who: Who, now: datetime) -> str:
        """The family member on whose telephone it is: as the service says, or who showed their own on it before."""
        if answer.shown_by:
            owner = person_digest(answer.shown_by, self._hall_key)
            return owner if owner != who.person else ""
        if not answer.account:
            return ""
        fresh = {
            account: (person, at)
            for account, (person, at) in self._telephones.items()
            if timedelta(0) <= now - at <= TELEPHONE_GOES_ROUND
        }
        owner, _ = fresh.setdefault(answer.account, (who.person, now))
        self._telephones = dict(list(fresh.items())[-_MOST_ACCOUNTS:])
        return owner if owner != who.person else ""

    # Certificates ---------------------------------------------------------------------------------------------------

    def _certificate(self, payload: bytes, who: Who, trust: Trust, now: datetime) -> CertificateChecked | None:
        reading = self._read(payload, who, trust, now)
        if reading.answer is CertificateAnswer.INCOMPLETE:
            raise AnotherPart
        self._parts = None
        if reading.answer is CertificateAnswer.NOT_A_CERTIFICATE or reading.scheme is Scheme.OWN_CODE:
            return None
        trusted = trust.lists.get(reading.scheme) if reading.scheme is not None else None
        return CertificateChecked(
            scheme=_SCHEMES.get(reading.scheme, "") if reading.scheme is not None else "",
            answer=_worth(reading),
            holder=bearer_of_certificate(reading.holder, who),
            list_made=trusted.body.issued if trusted is not None else None,
            device=DEVICE,
            at=now,
        )

    def _read(self, payload: bytes, who: Who, trust: Trust, now: datetime) -> Reading:
        """Read it together with the parts that the same person has just shown."""
        alone = reader.read(payload, trust, now)
        if alone.answer is not CertificateAnswer.INCOMPLETE:
            return alone
        shown = self._parts
        if shown is None or shown.person != who.person or not timedelta(0) <= now - shown.since <= PARTS_TOGETHER:
            shown = _Parts(who.person, now, ())
        since = shown.since
        payloads = (*shown.payloads, payload) if payload not in shown.payloads else shown.payloads
        together = reader.read_parts(payloads, trust, now)
        if together.reason is Reason.PARTS_DISAGREE:  # of another card: it begins anew with this one
            since, payloads, together = now, (payload,), alone
        self._parts = _Parts(who.person, since, payloads)
        return together


def _worth(reading: Reading) -> str:
    """The answer as evidence. A good certificate of a test says nothing good where the test found something."""
    if reading.answer is not CertificateAnswer.VALID:
        return reading.answer.value
    results = {s.result for s in reading.statements if s.kind is StatementKind.TEST}
    if TestResult.DETECTED in results:
        return CertificateAnswer.WRONG_TYPE.value
    return "cannot_check" if TestResult.UNKNOWN in results else CertificateAnswer.VALID.value
