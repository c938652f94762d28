"""SMART Health Cards: a JWS with ES256 over a raw-deflated JSON payload (SMART Health Cards 1.4.0, RFC 7515)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kiosk.certificates import fhir
from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, Refused, Statement, StatementKind, Usage
from kiosk.certificates.bounded import MAX_YEAR_9999, Json, base64url, inflate, json_object
from kiosk.certificates.dates import check_statement, check_token
from kiosk.certificates.keys import ES256, check_signature
from kiosk.certificates.shc_parts import assembled, part
from kiosk.certificates.trust import Signer, TrustList
from kiosk.wire.trust import Scheme

MAX_PAYLOAD: Final = 256 * 1024
"""Of the payload when unpacked."""
TYPE: Final = "https://smarthealth.cards#"
_HEALTH_CARD = f"{TYPE}health-card"
_GRANULAR = {f"{TYPE}{name}" for name in ("immunization", "laboratory", "covid19")}
_ISSUER = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*"
)
"""https, no query, no fragment, no slash at the end (issuer URL rules)."""
_REVOCATION = re.compile(r"[A-Za-z0-9_-]{1,24}")


@dataclass(frozen=True, slots=True)
class Jws:
    """A JWS taken apart, its signature not yet checked.

    Attributes:
        key_id: the key's thumbprint.
        signed: what the signature is over.
        payload: unpacked, JSON.
        signature: r and s side by side.
    """

    key_id: str
    signed: bytes
    payload: dict[str, Json]
    signature: bytes


def taken_apart(text: str) -> Jws:
    """Take a compact JWS apart.

    Raises:
        Refused: MALFORMED, UNSUPPORTED or TOO_LARGE.
    """
    pieces = text.split(".")
    if len(pieces) != 3 or not all(pieces):
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "no compact JWS")
    header = json_object(base64url(pieces[0]))
    key_id, algorithm, packing = (header.get(name) for name in ("kid", "alg", "zip"))
    if not (isinstance(key_id, str) and isinstance(algorithm, str) and isinstance(packing, str)):
        raise Refused(Answer.MALFORMED, Reason.HEADER_MISSING, "one of kid, alg, zip")
    if algorithm != ES256:
        raise Refused(Answer.UNSUPPORTED, Reason.ALGORITHM, algorithm[:16])
    if packing != "DEF" or "crit" in header or "b64" in header:
        raise Refused(Answer.UNSUPPORTED, Reason.VERSION, "a header that is not known here")
    payload = inflate(base64url(pieces[1]), MAX_PAYLOAD, raw=True)
    if not (payload.startswith(b"{") and payload.endswith(b"}")):
        raise Refused(Answer.MALFORMED, Reason.STRAY_CHARACTERS, "around the payload")
    signed = f"{pieces[0]}.{pieces[1]}".encode()
    return Jws(key_id, signed, json_object(payload), base64url(pieces[2]))


def verified(jws: Jws, trusted: TrustList, now: datetime) -> Signer:
    """Check the signature with the key of that identifier that the issuer itself publishes.

    Raises:
        Refused: MALFORMED, UNKNOWN_ISSUER, KEY_NOT_FOR_THIS or BAD_SIGNATURE.
    """
    issuer = jws.payload.get("iss")
    if not isinstance(issuer, str) or len(issuer) > 256 or not _ISSUER.fullmatch(issuer):
        raise Refused(Answer.MALFORMED, Reason.ISSUER_FORM)
    listed = trusted.signers.get(jws.key_id, ())
    signer = next((one for one in listed if one.entry.issuer == issuer), None)
    if signer is None:
        if all(one.entry.issuer != issuer for signers in trusted.signers.values() for one in signers):
            raise Refused(Answer.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)
        if listed:
            raise Refused(Answer.KEY_NOT_FOR_THIS, Reason.KEY_OTHER_ISSUER, jws.key_id[:64])
        raise Refused(Answer.UNKNOWN_ISSUER, Reason.KEY_UNKNOWN, jws.key_id[:64])
    check_signature(signer.key, ES256, jws.signed, jws.signature)
    signer.ready(now)
    return signer


def read(texts: Sequence[str], trusted: TrustList, now: datetime) -> Reading:
    """Read and check a card.

    Args:
        texts: its codes as scanned, in any order; duplicates do not matter.
        trusted: the list for this scheme.
        now: the moment of the check.

    Returns:
        VALID, or INCOMPLETE with the numbers of the parts that are missing.

    Raises:
        Refused: With the answer.
    """
    parts = [part(text) for text in texts]
    jws, missing, of = assembled(parts)
    if missing:
        last = (parts[-1].number, of)
        return Reading(
            Answer.INCOMPLETE, Reason.PARTS_MISSING, scheme=Scheme.SMART_HEALTH_CARD, part=last, missing=missing
        )
    return read_jws(jws, trusted, now)


def read_jws(jws: str, trusted: TrustList, now: datetime) -> Reading:
    """Read and check a card from its JWS.

    Raises:
        Refused: With the answer.
    """
    shown = taken_apart(jws)
    signer = verified(shown, trusted, now)
    payload = shown.payload
    begins, ends = _moment(payload, "nbf"), _moment(payload, "exp")
    if begins is None:
        raise Refused(Answer.MALFORMED, Reason.TIME_FORM, "nbf")
    check_token(begins, ends, now)
    credential = payload.get("vc")
    if not isinstance(credential, dict):
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_MISSING, "no credential")
    types = _types(credential)
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict):
        raise Refused(Answer.MALFORMED, Reason.SCHEMA, "credentialSubject")
    version = subject.get("fhirVersion")
    if not isinstance(version, str) or not version.startswith("4."):
        raise Refused(Answer.UNSUPPORTED, Reason.VERSION, "FHIR")
    holder, statements = fhir.read(subject.get("fhirBundle"))
    _check_types(types, statements)
    _check_revocation(credential, shown.key_id, trusted, begins)
    if trusted.signer_revoked(signer.entry.certificate, begins):
        raise Refused(Answer.REVOKED, Reason.LISTED, signer.entry.kid)
    for statement in statements:
        check_statement(statement, now)
    if not statements:
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_UNKNOWN, "neither a vaccination nor a test")
    return Reading(
        Answer.VALID,
        scheme=Scheme.SMART_HEALTH_CARD,
        holder=holder,
        statements=statements,
        issuer=signer.entry.issuer,
        key_id=signer.entry.kid,
        not_before=begins,
        expires=ends,
        usage=Usage.UNRESTRICTED,
    )


def _moment(payload: dict[str, Json], claim: str) -> datetime | None:
    value = payload.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_YEAR_9999:
        raise Refused(Answer.MALFORMED, Reason.TIME_FORM, claim)
    return datetime.fromtimestamp(value, UTC)


def _types(credential: dict[str, Json]) -> set[str]:
    types = credential.get("type")
    if not isinstance(types, list):
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_MISSING, "no types")
    named = {one for one in types if isinstance(one, str)}
    if _HEALTH_CARD not in named:
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_MISSING, "no health card")
    return named


def _check_types(types: set[str], statements: tuple[Statement, ...]) -> None:
    """Granular types need not be there (1.4.0 dropped them); where one is, all that the content calls for must be."""
    if not types & _GRANULAR:
        return
    kinds = {one.kind for one in statements}
    needed = {f"{TYPE}immunization"} if StatementKind.VACCINATION in kinds else set()
    needed |= {f"{TYPE}laboratory"} if StatementKind.TEST in kinds else set()
    needed |= {f"{TYPE}covid19"} if fhir.about_covid(statements) else set()
    if not needed <= types:
        raise Refused(Answer.WRONG_TYPE, Reason.TYPE_MISSING, ", ".join(sorted(needed - types)))


def _check_revocation(credential: dict[str, Json], key_id: str, trusted: TrustList, issued: datetime) -> None:
    revocation = credential.get("rid")
    if revocation is None:
        return
    if not isinstance(revocation, str) or not _REVOCATION.fullmatch(revocation):
        raise Refused(Answer.MALFORMED, Reason.SCHEMA, "rid")
    if trusted.revoked(f"{key_id}.{revocation}", issued):
        raise Refused(Answer.REVOKED, Reason.LISTED)
