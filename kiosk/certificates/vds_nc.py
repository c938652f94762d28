"""ICAO VDS-NC: visible digital seals for vaccination and test certificates (ICAO TR VDS-NC 1.x, Doc 9303-12).

JSON with `data` and `sig`. The signature is over the canonical form of `data`; the signer's certificate comes with it
and must be issued by a listed authority (CSCA) of the country that the header names.
"""

import hashlib
import re
from datetime import date, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Holder, Reading, Reason, Refused, Statement, StatementKind, TestResult, Usage
from kiosk.certificates.bounded import Json, base64url, json_object
from kiosk.certificates.canonical import canonical
from kiosk.certificates.dates import check_statement
from kiosk.certificates.keys import KeyProblem, check_signature, extended_usages, public_key
from kiosk.certificates.trust import Signer, TrustList, digest
from kiosk.wire.trust import Scheme

MAX_CHARACTERS: Final = 8 * 1024
VACCINATION, TEST = "icao.vacc", "icao.test"
SIGNER_USAGE: Final = "2.23.136.1.1.14.2"
"""Extended key usage of VDS-NC signers."""
DOCUMENT_TYPES: Final = "2.23.136.1.1.6.2"
"""Extension with the document types that a signer may sign: `NV` vaccination, `NT` test (Doc 9303-12)."""
_TYPE_CODES = {VACCINATION: b"NV", TEST: b"NT"}
_ALGORITHMS = {"ES256", "ES384", "ES512"}
_COUNTRY = re.compile(r"[A-Z<]{1,3}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
_RESULTS = {"positive": TestResult.DETECTED, "negative": TestResult.NOT_DETECTED}

Object = dict[str, Json]


def looks_like(text: str) -> bool:
    """Whether a text is JSON of this kind, perhaps damaged."""
    return text.startswith("{") and '"sig"' in text and '"data"' in text


def read(text: str, trusted: TrustList, now: datetime) -> Reading:
    """Read and check a seal.

    Args:
        text: as scanned, JSON.
        trusted: the list for this scheme: the countries' authorities.
        now: the moment of the check.

    Raises:
        Refused: With the answer.
    """
    if len(text) > MAX_CHARACTERS:
        raise Refused(Answer.TOO_LARGE, Reason.SIZE, f"{len(text)} characters")
    whole = json_object(text.encode(errors="surrogatepass"))
    data, seal = _object(whole.get("data"), "data"), _object(whole.get("sig"), "sig")
    header = _object(data.get("hdr"), "hdr")
    country, kind, version = header.get("is"), header.get("t"), header.get("v")
    if not isinstance(country, str) or not _COUNTRY.fullmatch(country) or not isinstance(kind, str):
        raise _bad("hdr")
    if isinstance(version, bool) or version != 1:
        raise Refused(Answer.UNSUPPORTED, Reason.VERSION)
    if kind not in _TYPE_CODES:
        raise Refused(Answer.UNSUPPORTED, Reason.TYPE_UNKNOWN, kind[:32])
    certificate = base64url(_text(seal.get("cer"), "cer", most=MAX_CHARACTERS))
    authority, signer = _issued_by(certificate, country, trusted, now)
    _check(data, seal, certificate)
    allowed = _usage(signer, certificate, kind)
    if allowed is Usage.FORBIDDEN:
        raise Refused(Answer.KEY_NOT_FOR_THIS, Reason.KEY_USAGE)
    message = _object(data.get("msg"), "msg")
    holder = _holder(message)
    statements = _vaccinations(message) if kind == VACCINATION else (_test(message),)
    identifier = _text(message.get("uvci" if kind == VACCINATION else "utci"), "uvci or utci")
    if trusted.revoked(digest(identifier)) or trusted.signer_revoked(certificate):
        raise Refused(Answer.REVOKED, Reason.LISTED)
    for statement in statements:
        check_statement(statement, now)
    return Reading(
        Answer.VALID,
        scheme=Scheme.VDS_NC,
        holder=holder,
        statements=statements,
        issuer=authority.entry.issuer,
        key_id=hashlib.sha256(certificate).hexdigest()[:16],
        not_before=signer.not_valid_before_utc,
        expires=signer.not_valid_after_utc,
        usage=allowed,
    )


# Trust --------------------------------------------------------------------------------------------------------------


def _issued_by(certificate: bytes, country: str, trusted: TrustList, now: datetime) -> tuple[Signer, x509.Certificate]:
    """The listed authority that issued the signer's certificate, which must be in its dates."""
    try:
        signer = x509.load_der_x509_certificate(certificate)
        begins, ends = signer.not_valid_before_utc, signer.not_valid_after_utc
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, "the signer's certificate") from error
    listed = [one for signers in trusted.signers.values() for one in signers]
    own = [one for one in listed if one.entry.issuer == country]
    authority = next((one for one in own if _follows(signer, one)), None)
    if authority is None:
        if any(_follows(signer, one) for one in listed if one.entry.issuer != country):
            raise Refused(Answer.KEY_NOT_FOR_THIS, Reason.KEY_OTHER_ISSUER, country)
        reason = Reason.CHAIN if own else Reason.ISSUER_UNKNOWN
        raise Refused(Answer.UNKNOWN_ISSUER, reason, country)
    authority.ready(now)
    if now < begins or now > ends:
        raise Refused(Answer.UNKNOWN_ISSUER, Reason.CHAIN, "the signer's certificate is out of its dates")
    return authority, signer


def _follows(signer: x509.Certificate, authority: Signer) -> bool:
    if not authority.entry.certificate:
        return False
    try:
        issuer = x509.load_der_x509_certificate(authority.entry.certificate)
        signer.verify_directly_issued_by(issuer)
        if not issuer.not_valid_before_utc <= signer.not_valid_before_utc <= issuer.not_valid_after_utc:
            return False
        limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return limits.ca


def _check(data: Object, seal: Object, certificate: bytes) -> None:
    algorithm = _text(seal.get("alg"), "alg")
    if algorithm not in _ALGORITHMS:
        raise Refused(Answer.UNSUPPORTED, Reason.ALGORITHM, algorithm[:16])
    try:
        message = canonical(data)
    except ValueError as error:
        raise Refused(Answer.MALFORMED, Reason.DAMAGED, str(error)) from error
    try:
        key = public_key(certificate=certificate)
    except KeyProblem as error:
        raise Refused(Answer.UNSUPPORTED, Reason.ALGORITHM, str(error)) from error
    check_signature(key, algorithm, message, base64url(_text(seal.get("sigvl"), "sigvl")))


def _usage(signer: x509.Certificate, certificate: bytes, kind: str) -> Usage:
    """By the extended key usage and by the document types, where the certificate has them."""
    named = extended_usages(certificate)
    if named and SIGNER_USAGE not in named:
        return Usage.FORBIDDEN
    try:
        found = signer.extensions.get_extension_for_oid(x509.ObjectIdentifier(DOCUMENT_TYPES)).value
    except x509.ExtensionNotFound:
        return Usage.UNRESTRICTED
    except ValueError:
        return Usage.CANNOT_CHECK
    if not isinstance(found, x509.UnrecognizedExtension):
        return Usage.CANNOT_CHECK
    # A version and a set of PrintableStrings (tag 0x13) of two letters.
    return Usage.ALLOWED if b"\x13\x02" + _TYPE_CODES[kind] in found.value else Usage.FORBIDDEN


# Content ------------------------------------------------------------------------------------------------------------


def _holder(message: Object) -> Holder:
    person = _object(message.get("pid"), "pid")
    born, document = (_text(person.get(name), name) if name in person else "" for name in ("dob", "i"))
    if not document and "dn" in person:
        document = _text(person["dn"], "dn")
    if not born and not document:
        raise _bad("neither a date of birth nor a document")
    if born:
        _day(born, "dob")
    name = _text(person.get("n"), "n")
    return Holder(" ".join(name.split()), born, document=document)


def _vaccinations(message: Object) -> tuple[Statement, ...]:
    statements: list[Statement] = []
    for event in _list(message.get("ve"), "ve"):
        vaccine = _object(event, "ve")
        code = _text(vaccine.get("des"), "des")
        for item in _list(vaccine.get("vd"), "vd"):
            dose = _object(item, "vd")
            text, number = _text(dose.get("dvc"), "dvc"), dose.get("seq")
            if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 99:
                raise _bad("seq")
            statements.append(
                Statement(
                    StatementKind.VACCINATION,
                    _day(text, "dvc"),
                    text,
                    dose=(number, 0),
                    product=code,
                    country=_text(dose.get("ctr"), "ctr"),
                )
            )
    return tuple(statements)


def _test(message: Object) -> Statement:
    taken = _text(_object(message.get("dat"), "dat").get("sc"), "sc")
    found = _MOMENT.fullmatch(taken)
    if not found:
        raise _bad("sc")
    result = _object(message.get("tr"), "tr")
    country = _object(message.get("sp"), "sp").get("ctr")
    return Statement(
        StatementKind.TEST,
        _day(found[1], "sc"),
        taken,
        product=_text(result.get("tc"), "tc"),
        result=_RESULTS.get(_text(result.get("r"), "r").lower(), TestResult.UNKNOWN),
        country=_text(country, "ctr"),
    )


def _bad(field: str) -> Refused:
    return Refused(Answer.MALFORMED, Reason.SCHEMA, field)


def _object(value: Json, field: str) -> Object:
    if not isinstance(value, dict):
        raise _bad(field)
    return value


def _list(value: Json, field: str) -> list[Json]:
    if not isinstance(value, list) or not 1 <= len(value) <= 64:
        raise _bad(field)
    return value


def _text(value: Json, field: str, *, most: int = 512) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise _bad(field)
    return value


def _day(text: str, field: str) -> date | None:
    found = _DATE.fullmatch(text)
    if not found:
        raise _bad(field)
    year, month, day = found.groups()
    try:
        whole = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise _bad(field) from error
    return whole if day else None
