"""EU Digital COVID Certificate: `HC1:`, Base45, zlib, CBOR Web Token in COSE_Sign1 (HCERT 1.0.5, RFC 9052, RFC 8392).

Each stage is a function of its own, so that each can be measured against the published vectors.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import base45
import cbor2

from kiosk.certificates import dcc_schema
from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, Refused, StatementKind, Usage
from kiosk.certificates.bounded import MAX_YEAR_9999, inflate
from kiosk.certificates.cbor import CborError, Item, Tagged, decode
from kiosk.certificates.dates import check_statement, check_token
from kiosk.certificates.keys import ES256, PS256, check_signature, extended_usages
from kiosk.certificates.trust import Signer, TrustList, digest
from kiosk.wire.trust import Scheme

PREFIX: Final = "HC1:"
MAX_COMPRESSED: Final = 8 * 1024
MAX_TOKEN: Final = 32 * 1024
"""Of the token when unpacked; the largest of 548 real vectors has 700 bytes."""
_OTHER_VERSION = re.compile(r"H[A-Z][0-9]:")
_SIGN1, _CWT = 18, 61
_ALGORITHM, _CRITICAL, _KEY_ID = 1, 2, 4
_ALGORITHMS = {-7: ES256, -37: PS256}
_ISSUER, _EXPIRES, _NOT_BEFORE, _ISSUED, _HCERT = 1, 4, 5, 6, -260
_ARCS = ("1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1.")
"""Extended key usages of signers; both arcs are in use, because the first guidelines had a misprint."""
_USAGES = {StatementKind.TEST: "1", StatementKind.VACCINATION: "2", StatementKind.RECOVERY: "3"}


@dataclass(frozen=True, slots=True)
class Token:
    """A COSE_Sign1, taken apart, its signature not yet checked.

    Attributes:
        key_id: of the protected header, else of the other; None where neither names one.
        algorithm: COSE's number, found in the same way.
        signed: what the signature is over (Sig_structure).
        payload: the CBOR Web Token.
        signature: r and s side by side, or RSASSA-PSS.
    """

    key_id: bytes | None
    algorithm: int | None
    signed: bytes
    payload: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Claims:
    """What the token says of itself.

    Attributes:
        issuer: country.
        issued, not_before, expires: where given.
        content: the certificate.
    """

    issuer: str
    issued: datetime | None
    not_before: datetime | None
    expires: datetime | None
    content: Item


def without_prefix(text: str) -> str:
    """The Base45 after the prefix.

    Raises:
        Refused: UNSUPPORTED for another version, NOT_A_CERTIFICATE for anything else.
    """
    if text.startswith(PREFIX):
        return text[len(PREFIX) :]
    if _OTHER_VERSION.match(text):
        raise Refused(Answer.UNSUPPORTED, Reason.VERSION, text[:4])
    raise Refused(Answer.NOT_A_CERTIFICATE, Reason.NONE)


def unpacked(text: str) -> bytes:
    """Decode Base45 (RFC 9285).

    Raises:
        Refused: MALFORMED.
    """
    try:
        return base45.b45decode(text)
    except (ValueError, UnicodeEncodeError) as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "Base45") from error


def inflated(packed: bytes) -> bytes:
    """Decompress (RFC 1950), within bounds.

    Raises:
        Refused: MALFORMED or TOO_LARGE.
    """
    if len(packed) > MAX_COMPRESSED:
        raise Refused(Answer.TOO_LARGE, Reason.SIZE, f"{len(packed)} bytes")
    if packed[:1] != b"\x78":
        raise Refused(Answer.MALFORMED, Reason.NOT_COMPRESSED)
    return inflate(packed, MAX_TOKEN)


def token(data: bytes) -> Token:
    """Take a COSE_Sign1 apart: with its tag, with the tag of a CBOR Web Token around it, or bare.

    Raises:
        Refused: MALFORMED or UNSUPPORTED.
    """
    item = _decoded(data)
    for tag in (_CWT, _SIGN1):
        if isinstance(item, Tagged) and item.tag == tag:
            item = item.value
    if isinstance(item, Tagged):
        raise Refused(Answer.UNSUPPORTED, Reason.NOT_SIGNED, f"tag {item.tag}")
    if not isinstance(item, list) or len(item) != 4:
        raise Refused(Answer.MALFORMED, Reason.NOT_SIGNED, "no COSE_Sign1")
    protected, unprotected, payload, signature = item
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise Refused(Answer.MALFORMED, Reason.NOT_SIGNED, "parts of other types")
    first, second = _decoded(protected) if protected else {}, unprotected
    if not isinstance(first, dict) or not isinstance(second, dict):
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "headers")
    if _CRITICAL in first:
        raise Refused(Answer.UNSUPPORTED, Reason.HEADER_MISSING, "a critical header that is not known here")
    key_id, algorithm = (first.get(label, second.get(label)) for label in (_KEY_ID, _ALGORITHM))
    return Token(
        key_id if isinstance(key_id, bytes) else None,
        algorithm if isinstance(algorithm, int) else None,
        cbor2.dumps(["Signature1", protected, b"", payload]),
        payload,
        signature,
    )


def verified(shown: Token, trusted: TrustList, now: datetime) -> Signer:
    """Check the signature with the key of the token's key identifier, and with no other.

    Raises:
        Refused: UNKNOWN_ISSUER, BAD_SIGNATURE, KEY_NOT_FOR_THIS, UNSUPPORTED or MALFORMED.
    """
    if shown.key_id is None or shown.algorithm is None:
        raise Refused(Answer.MALFORMED, Reason.HEADER_MISSING, "algorithm or key identifier")
    algorithm = _ALGORITHMS.get(shown.algorithm)
    if algorithm is None:
        raise Refused(Answer.UNSUPPORTED, Reason.ALGORITHM, str(shown.algorithm))
    refused = Refused(Answer.UNKNOWN_ISSUER, Reason.KEY_UNKNOWN, shown.key_id.hex()[:32])
    for signer in trusted.signers.get(shown.key_id.hex(), ()):  # eight bytes can stand for several keys
        try:
            check_signature(signer.key, algorithm, shown.signed, shown.signature)
            signer.ready(now)
        except Refused as problem:
            refused = problem
        else:
            return signer
    raise refused


def claims(payload: bytes) -> Claims:
    """Read the CBOR Web Token.

    Raises:
        Refused: MALFORMED.
    """
    item = _decoded(payload)
    if not isinstance(item, dict):
        raise Refused(Answer.MALFORMED, Reason.SCHEMA, "no CBOR Web Token")
    certificates = item.get(_HCERT)
    if not isinstance(certificates, dict) or 1 not in certificates:
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_MISSING, "signed, but no health certificate")
    issuer = item.get(_ISSUER)
    return Claims(
        issuer if isinstance(issuer, str) else "",
        _moment(item.get(_ISSUED)),
        _moment(item.get(_NOT_BEFORE)),
        _moment(item.get(_EXPIRES)),
        certificates[1],
    )


def usage(signer: Signer, kind: StatementKind | None) -> Usage:
    """Whether a signer may sign a kind of statement (extended key usage; none named allows all)."""
    if not signer.entry.certificate:
        return Usage.CANNOT_CHECK
    named = extended_usages(signer.entry.certificate)
    if named is None:
        return Usage.CANNOT_CHECK
    kinds = {name.removeprefix(arc) for arc in _ARCS for name in named if name.startswith(arc)}
    if not kinds & set(_USAGES.values()):
        return Usage.UNRESTRICTED
    return Usage.ALLOWED if kind is not None and _USAGES.get(kind) in kinds else Usage.FORBIDDEN


def read(text: str, trusted: TrustList, now: datetime) -> Reading:
    """Read and check a certificate.

    Args:
        text: as scanned, with its prefix.
        trusted: the list for this scheme.
        now: the moment of the check.

    Raises:
        Refused: With the answer.
    """
    shown = token(inflated(unpacked(without_prefix(text))))
    signer = verified(shown, trusted, now)
    said = claims(shown.payload)
    check_token(said.not_before or said.issued, said.expires, now, last_counts=True)
    allowed = usage(signer, dcc_schema.kind(said.content))
    if allowed is Usage.FORBIDDEN:
        raise Refused(Answer.KEY_NOT_FOR_THIS, Reason.KEY_USAGE, signer.entry.kid)
    content = dcc_schema.read(said.content, trusted.body.value_sets, said.issued)
    names = [digest(_half(shown.signature))]
    for country, identifier in content.identifiers:
        names += [digest(identifier), digest(country, identifier), digest(said.issuer, identifier)]
    if any(trusted.revoked(name, said.issued) for name in names):
        raise Refused(Answer.REVOKED, Reason.LISTED)
    if trusted.signer_revoked(signer.entry.certificate, said.issued):
        raise Refused(Answer.REVOKED, Reason.LISTED, signer.entry.kid)
    for statement in content.statements:
        check_statement(statement, now)
    return Reading(
        Answer.VALID,
        scheme=Scheme.EU_DCC,
        holder=content.holder,
        statements=content.statements,
        issuer=said.issuer or signer.entry.issuer,
        key_id=signer.entry.kid,
        issued=said.issued,
        not_before=said.not_before,
        expires=said.expires,
        usage=allowed,
    )


def _half(signature: bytes) -> bytes:
    """Of an ECDSA signature only r counts: s can be negated by anybody (revocation, section 3.2)."""
    return signature[: len(signature) // 2] if len(signature) < 256 else signature


def _decoded(data: bytes) -> Item:
    try:
        return decode(data)
    except CborError as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, f"CBOR: {error}") from error


def _moment(value: Item) -> datetime | None:
    """A NumericDate; whole or broken seconds, with or without the tag for it (RFC 8392: without)."""
    if isinstance(value, Tagged) and value.tag == 1:
        value = value.value
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_YEAR_9999:
        raise Refused(Answer.MALFORMED, Reason.TIME_FORM)
    return datetime.fromtimestamp(value, UTC)
