"""The front door: whatever was scanned goes in, an enumerated answer comes out. It never raises."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from kiosk.certificates import dcc, own, shc, vds_nc
from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, Refused
from kiosk.certificates.trust import Freshness, Trust, TrustList
from kiosk.wire import codes
from kiosk.wire.trust import Scheme

MAX_CHARACTERS: Final = 12 * 1024
"""The largest QR code holds 7,089 digits; a scanner on a serial line cannot give more than a code."""
MAX_CODES: Final = 64
"""Shown one after the other for one certificate, duplicates included."""
_DCC = re.compile(r"H[A-Z][0-9]:")
_LINK = re.compile(r"(?:https://[^\s#]{1,200}#)?shlink:/", re.IGNORECASE)


def read(payload: bytes | str, trust: Trust, now: datetime) -> Reading:
    """Read and check one scanned code.

    Args:
        payload: what the scanner gave; line ends after it are ignored.
        trust: the lists in force.
        now: the moment of the check, with its time zone.

    Returns:
        The answer. For one part of several it is INCOMPLETE: collect the codes and use `read_parts`.
    """
    return read_parts((payload,), trust, now)


def read_parts(payloads: Sequence[bytes | str], trust: Trust, now: datetime) -> Reading:
    """Read and check a certificate that may be spread over several codes.

    Args:
        payloads: what the scanner gave, in any order; only SMART Health Cards come in parts.
        trust: the lists in force.
        now: the moment of the check, with its time zone.
    """
    scheme: Scheme | None = None
    try:
        texts = _texts(payloads)
        scheme = recognised(texts[0])
        return _READERS[scheme](_together(texts, scheme), trust, now)
    except Refused as refused:
        return Reading(refused.answer, refused.reason, scheme=scheme, detail=refused.detail)
    except Exception as error:  # noqa: BLE001  the last net: a gate must not fall over what somebody shows it
        return Reading(Answer.UNSUPPORTED, Reason.FAULT, scheme=scheme, detail=type(error).__name__)


def recognised(text: str) -> Scheme:
    """The scheme of a scanned text, by how it begins.

    Raises:
        Refused: NOT_A_CERTIFICATE, or UNSUPPORTED for one that cannot be read offline.
    """
    if _DCC.match(text):
        return Scheme.EU_DCC
    if text[:4].lower() == "shc:":
        return Scheme.SMART_HEALTH_CARD
    if text.startswith(codes.PREFIX):
        return Scheme.OWN_CODE
    if vds_nc.looks_like(text):
        return Scheme.VDS_NC
    if _LINK.match(text):
        raise Refused(Answer.UNSUPPORTED, Reason.ONLINE_ONLY, "a SMART Health Link")
    bare = text.strip(" \t\r\n\ufeff")
    if bare != text:
        recognised(bare)  # raises for what is no certificate at all
        raise Refused(Answer.MALFORMED, Reason.STRAY_CHARACTERS, "before or after the code")
    raise Refused(Answer.NOT_A_CERTIFICATE, Reason.NONE)


def _texts(payloads: Sequence[bytes | str]) -> list[str]:
    if not payloads or len(payloads) > MAX_CODES:
        raise Refused(Answer.TOO_LARGE if payloads else Answer.NOT_A_CERTIFICATE, Reason.SIZE, "number of codes")
    texts: list[str] = []
    for payload in payloads:
        if len(payload) > MAX_CHARACTERS:
            raise Refused(Answer.TOO_LARGE, Reason.SIZE, f"{len(payload)} characters")
        try:
            text = payload.decode() if isinstance(payload, bytes) else payload
            text.encode()
        except UnicodeError as error:
            raise Refused(Answer.NOT_A_CERTIFICATE, Reason.DAMAGED, "no UTF-8") from error
        texts.append(text.rstrip("\r\n"))  # scanners send it; a space may be the last character of Base45
    return texts


def _together(texts: list[str], scheme: Scheme) -> list[str]:
    if any(recognised(text) is not scheme for text in texts[1:]):
        raise Refused(Answer.MALFORMED, Reason.PARTS_DISAGREE, "codes of different kinds")
    if scheme is Scheme.SMART_HEALTH_CARD:
        return texts
    if len(set(texts)) > 1:
        raise Refused(Answer.MALFORMED, Reason.PARTS_DISAGREE, "a kind that does not come in parts")
    return texts[:1]


def _own(texts: Sequence[str], trust: Trust, now: datetime) -> Reading:
    if not trust.own_key:
        raise Refused(Answer.NO_LIST, Reason.LIST_ABSENT, "not enrolled")
    return own.read(texts[0], trust.own_key, now)


def _listed(scheme: Scheme, inner: Callable[[Sequence[str], TrustList, datetime], Reading]) -> "_Reader":
    """A reader of a scheme that has a trust list; what it says is tempered by the list's age."""

    def reader(texts: Sequence[str], trust: Trust, now: datetime) -> Reading:
        trusted = trust.lists.get(scheme)
        if trusted is None:
            raise Refused(Answer.NO_LIST, Reason.LIST_ABSENT, scheme.value)
        try:
            reading = inner(texts, trusted, now)
        except Refused as refused:
            reading = Reading(refused.answer, refused.reason, scheme=scheme, detail=refused.detail)
        reading = replace(reading, list_version=trusted.version, list_age=trusted.age(now))
        return _tempered(reading, trusted.freshness(now))

    return reader


def _tempered(reading: Reading, freshness: Freshness) -> Reading:
    """A list past its dates can neither admit nor accuse; damage, dates and forgery are seen without it.

    Overdue, the content is still there for staff to see; expired, the list vouches for nothing.
    """
    if freshness is Freshness.CURRENT or reading.answer not in {Answer.VALID, Answer.UNKNOWN_ISSUER}:
        return reading
    if freshness is Freshness.OVERDUE:
        return replace(reading, answer=Answer.STALE_LIST, reason=Reason.LIST_OVERDUE)
    return Reading(
        Answer.STALE_LIST,
        Reason.LIST_EXPIRED,
        scheme=reading.scheme,
        key_id=reading.key_id,
        list_version=reading.list_version,
        list_age=reading.list_age,
    )


_Reader = Callable[[Sequence[str], Trust, datetime], Reading]
_READERS: dict[Scheme, _Reader] = {
    Scheme.OWN_CODE: _own,
    Scheme.EU_DCC: _listed(Scheme.EU_DCC, lambda texts, trusted, now: dcc.read(texts[0], trusted, now)),
    Scheme.SMART_HEALTH_CARD: _listed(Scheme.SMART_HEALTH_CARD, shc.read),
    Scheme.VDS_NC: _listed(Scheme.VDS_NC, lambda texts, trusted, now: vds_nc.read(texts[0], trusted, now)),
}
