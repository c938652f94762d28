"""Trust lists as the terminal holds them: checked once when they come, looked up by issuer and key afterwards.

How revocations are named: EU DCC by `digest()` of the certificate's UVCI, of country and UVCI, or of the signature
(eHealth Network, revocation); a SMART Health Card by `<kid>.<rid>`; VDS-NC by `digest()` of UVCI or UTCI. A signer of
any scheme by `signer:` and the SHA-256 of its certificate.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reason, Refused
from kiosk.certificates.keys import KeyProblem, PublicKey, public_key
from kiosk.wire.fleet import Signed
from kiosk.wire.signed import BadSignature, sign, verify
from kiosk.wire.trust import Revocation, Scheme, TrustedKey, TrustListBody, list_kind

MAX_LIST_BYTES: Final = 6 * 1024 * 1024
"""Of the signed list as it travels; 2,000 signers' certificates are 2 MB."""
_KINDS = {list_kind(scheme): scheme for scheme in Scheme}


class TrustProblem(StrEnum):
    """Why a trust list is not taken."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    BAD_SIGNATURE = "bad_signature"
    """Not signed by this hub."""
    WRONG_KIND = "wrong_kind"
    """Signed, but rules or something else, or of another scheme than it says."""
    NOT_YET_IN_FORCE = "not_yet_in_force"
    ROLLED_BACK = "rolled_back"
    """An older edition than one that was seen."""


class TrustRefused(Exception):
    """A trust list was not taken; the one in force stays.

    Attributes:
        problem: why, enumerated.
    """

    def __init__(self, problem: TrustProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem


class Freshness(StrEnum):
    """How old a list is against its own dates."""

    CURRENT = "current"
    OVERDUE = "overdue"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Signer:
    """One key that may sign, ready for use.

    Attributes:
        entry: as listed.
        key: what it checks signatures with.
    """

    entry: TrustedKey
    key: PublicKey

    def ready(self, now: datetime) -> None:
        """Whether it counts now.

        Raises:
            Refused: UNKNOWN_ISSUER with KEY_RETIRED or KEY_NOT_YET.
        """
        if self.entry.expires is not None and now >= self.entry.expires:
            raise Refused(Answer.UNKNOWN_ISSUER, Reason.KEY_RETIRED, self.entry.kid)
        if self.entry.not_before is not None and now < self.entry.not_before:
            raise Refused(Answer.UNKNOWN_ISSUER, Reason.KEY_NOT_YET, self.entry.kid)


def digest(*parts: str | bytes) -> str:
    """The first 128 bits of SHA-256 over the parts one after the other, in hexadecimal."""
    joined = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hashlib.sha256(joined).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class TrustList:
    """One scheme's list, its signature checked.

    Attributes:
        version: of this edition.
        body: as the hub signed it.
        signers: usable keys by key identifier; one identifier may stand for several.
        unusable: identifiers of entries whose key cannot be used.
    """

    version: int
    body: TrustListBody
    signers: dict[str, tuple[Signer, ...]] = field(repr=False)
    unusable: tuple[str, ...] = ()
    _revoked: dict[str, Revocation] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, data: bytes, hub_key: bytes, now: datetime, *, seen: int = 0) -> Self:
        """Check and open a list.

        Args:
            data: the `Signed` of the hub, JSON, as it came or was kept.
            hub_key: the hub's signing key, 32 raw bytes.
            now: a list that begins later is not taken; an expired one is, and says so in every answer.
            seen: the highest version of this scheme seen so far; an older one is refused.

        Raises:
            TrustRefused: With the problem.
        """
        if len(data) > MAX_LIST_BYTES:
            raise TrustRefused(TrustProblem.TOO_LARGE, f"{len(data)} bytes")
        try:
            return cls.of(msgspec.json.decode(data, type=Signed), hub_key, now, seen=seen)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise TrustRefused(TrustProblem.MALFORMED, type(error).__name__) from error

    @classmethod
    def of(cls, signed: Signed, hub_key: bytes, now: datetime, *, seen: int = 0) -> Self:
        """As `load`, of signed data that is already unpacked, e.g. from the ledger."""
        try:
            content = verify(signed, hub_key)
        except BadSignature as error:
            raise TrustRefused(TrustProblem.BAD_SIGNATURE, str(error)) from error
        scheme = _KINDS.get(signed.kind)
        if scheme is None:
            raise TrustRefused(TrustProblem.WRONG_KIND, signed.kind)
        try:
            body = msgspec.json.decode(content, type=TrustListBody)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise TrustRefused(TrustProblem.MALFORMED, type(error).__name__) from error
        if body.scheme is not scheme:
            raise TrustRefused(TrustProblem.WRONG_KIND, f"{signed.kind} with a list for {body.scheme.value}")
        if not body.not_before <= body.next_update <= body.expires:
            raise TrustRefused(TrustProblem.MALFORMED, "its dates contradict each other")
        if signed.version < seen:
            raise TrustRefused(TrustProblem.ROLLED_BACK, f"version {signed.version}, {seen} was seen")
        if now < body.not_before:
            raise TrustRefused(TrustProblem.NOT_YET_IN_FORCE, body.not_before.isoformat())
        return cls._opened(signed.version, body)

    @classmethod
    def _opened(cls, version: int, body: TrustListBody) -> Self:
        signers: dict[str, tuple[Signer, ...]] = {}
        unusable: list[str] = []
        for entry in body.keys:
            try:
                signer = Signer(entry, public_key(certificate=entry.certificate, spki=entry.public_key))
            except KeyProblem:
                unusable.append(entry.kid)
                continue
            signers[entry.kid] = (*signers.get(entry.kid, ()), signer)
        revoked = {entry.identifier: entry for entry in body.revoked}
        return cls(version, body, signers, tuple(unusable), revoked)

    def freshness(self, now: datetime) -> Freshness:
        """How old the list is against its own dates."""
        if now >= self.body.expires:
            return Freshness.EXPIRED
        return Freshness.OVERDUE if now >= self.body.next_update else Freshness.CURRENT

    def age(self, now: datetime) -> timedelta:
        """Since the list was issued."""
        return now - self.body.issued

    def revoked(self, identifier: str, issued: datetime | None = None) -> bool:
        """Whether a certificate or signer is revoked.

        Args:
            identifier: made as the module says.
            issued: when the certificate was issued; where that is not known, any entry counts.
        """
        entry = self._revoked.get(identifier)
        return entry is not None and (entry.before is None or issued is None or issued < entry.before)

    def signer_revoked(self, certificate: bytes, issued: datetime | None = None) -> bool:
        """Whether a signer's certificate (DER) is revoked."""
        return bool(certificate) and self.revoked(f"signer:{hashlib.sha256(certificate).hexdigest()}", issued)


@dataclass(frozen=True, slots=True)
class Trust:
    """All that the terminal trusts.

    Attributes:
        lists: by scheme.
        own_key: the hub's signing key, 32 raw bytes, for our own codes; empty before enrolment.
    """

    lists: dict[Scheme, TrustList] = field(default_factory=dict)
    own_key: bytes = b""

    def with_list(self, new: TrustList) -> "Trust":
        """With a new list in place of the one of its scheme.

        Raises:
            TrustRefused: ROLLED_BACK.
        """
        scheme = new.body.scheme
        known = self.lists.get(scheme)
        if known is not None and new.version < known.version:
            raise TrustRefused(TrustProblem.ROLLED_BACK, f"version {new.version}, {known.version} is in force")
        return replace(self, lists={**self.lists, scheme: new})

    def take(self, data: bytes, now: datetime, *, seen: int = 0) -> "Trust":
        """With a signed list that was synced from the hub or read from its file.

        Args:
            data: the `Signed` of the hub, JSON.
            now: the moment of the check.
            seen: the highest version of its scheme that the terminal remembers from before it was restarted.

        Raises:
            TrustRefused: With the problem; what is in force stays.
        """
        return self.with_list(TrustList.load(data, self.own_key, now, seen=seen))


def sign_list(body: TrustListBody, version: int, key: Ed25519PrivateKey) -> bytes:
    """Make a list as the hub sends it."""
    return msgspec.json.encode(sign(list_kind(body.scheme), version, msgspec.json.encode(body), key))


def dcc_key(certificate: bytes, country: str) -> TrustedKey:
    """The entry of an EU DCC signer: its identifier is the start of the certificate's SHA-256 (HCERT 3.3.2)."""
    return TrustedKey(kid=hashlib.sha256(certificate).digest()[:8].hex(), issuer=country, certificate=certificate)


def csca_key(certificate: bytes, country: str) -> TrustedKey:
    """The entry of a country's signing authority (ICAO 9303-12)."""
    return TrustedKey(kid=hashlib.sha256(certificate).hexdigest(), issuer=country, certificate=certificate)
