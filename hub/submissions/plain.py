"""Events that nothing follows from but their rows, as the rows they become: made once, when they are checked.

Passages that nobody was called to, and their ends, are nearly all that gates send. What is here needs no database, so
that it can be done in another process (`hub.submissions.check`).
"""

import re
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from hub.gate.retention import has_health
from kiosk.wire.events import Crossed, Envelope, Passage, PassageEnded
from kiosk.wire.evidence import CodeChecked, IdentityRead
from kiosk.wire.rules import Verdict

CAME_IN: Final = frozenset({Crossed.PASSED, Crossed.TAILGATED, Crossed.HELD_OPEN})
"""The party is inside, whatever else went wrong. So is one of whom the beams counted a head before the barrier failed
(`people`), as the terminal has it (`kiosk.store.gate_book.note_crossing`)."""
_MOST_SEQ: Final = 2**31
_ENCODER: Final = msgspec.json.Encoder()
_TEXTS: Final = msgspec.json.Decoder(list[str])
_JSON_MOMENT: Final = len("2026-11-22T17:00:00.000000Z")
_FIRST, _LAST = 100, 9000
_FAR: Final = re.compile(rb'"(?:00|9[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ]')


class Began(msgspec.Struct, frozen=True, gc=False):
    """A passage's own columns, moments as `moment_text` has them."""

    lane: str
    began: str
    decided: str
    verdict: str
    reasons: str
    rules_version: int
    person: str | None
    name_masked: str
    number_masked: str
    code_id: str
    has_health: bool


class Ended(msgspec.Struct, frozen=True, gc=False):
    """What the barrier saw of a passage."""

    passage: str
    crossed: str
    people: int
    ended: str
    fault: str
    came_in: bool


class Plain(msgspec.Struct, frozen=True, gc=False):
    """An event that may go the quick way; `body` is its JSON as it is stored."""

    id: str
    seq: int
    made: str
    body: str
    what: Began | Ended


class _EndTexts(msgspec.Struct, gc=False):
    """Of an end that was written as JSON here, its columns as they stand there."""

    id: str
    passage: str
    crossed: str
    ended: str
    fault: str
    people: int


class _EndBody(msgspec.Struct, gc=False):
    made: str
    event: _EndTexts


_END_TEXTS: Final = msgspec.json.Decoder(_EndBody)


def is_beyond_clocks(body: bytes) -> bool:
    """Whether a moment in it is of the first century, or after the year 9000.

    No clock shows that by mistake, and such a moment can be shown in no other time zone, nor counted on from: one of
    them would take a whole hall's pages away.

    Args:
        body: JSON as `msgspec` writes it; a day without a time may be any (cards are valid until 9999-12-31).
    """
    return _FAR.search(body) is not None


def moment_text(moment: datetime) -> str:
    """A moment in UTC as SQLAlchemy keeps it in SQLite: `2026-11-22 17:00:00.000000`.

    Raises:
        OverflowError: It is no moment in UTC.
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


def _kept(written: str, moment: datetime) -> str:
    """As `moment_text`, where its JSON is there already: nearly all are in UTC, and not on a whole second."""
    if len(written) == _JSON_MOMENT and written[-1] == "Z":
        return f"{written[:10]} {written[11:26]}"
    return moment_text(moment)


def _texts(*what: UUID | datetime) -> list[str]:
    """Ids and moments as texts; moments as `moment_text` has them.

    Written and read back as JSON, all of them at a fifth of what Python's own ways take: `str` of a `UUID` and
    `isoformat` were half the work with an event.
    """
    texts = _TEXTS.decode(_ENCODER.encode(what))
    for at, moment in enumerate(what):
        if isinstance(moment, datetime):
            texts[at] = _kept(texts[at], moment)
    return texts


def code_of(event: Passage) -> str:
    """The appointment code that was shown or found; empty where there was none."""
    code = event.evidence.code
    return code.code_id if isinstance(code, CodeChecked) else ""


def _began(event: Passage, began: str, decided: str) -> Began | None:
    decision, identity = event.decision, event.evidence.identity
    if (
        decision.verdict is Verdict.REFER
        or abs(decision.rules_version) >= _MOST_SEQ
        or "\x00" in event.lane + event.name_masked + event.number_masked
    ):
        return None
    return Began(
        event.lane,
        began,
        decided,
        decision.verdict.value,
        " ".join(dict.fromkeys(reason.value for reason in decision.reasons)),
        decision.rules_version,
        identity.person if isinstance(identity, IdentityRead) else None,
        event.name_masked,
        event.number_masked,
        code_of(event),
        has_health(event),
    )


def _ended(envelope: Envelope, event: PassageEnded) -> Plain | None:
    """An end, in less than half the time of the general way: it is most of what comes while everybody comes in."""
    if "\x00" in event.fault:
        return None
    if not (_FIRST <= envelope.made.year < _LAST and _FIRST <= event.ended.year < _LAST):
        return None  # as `is_beyond_clocks`, of all the moments that an end has
    body = _ENCODER.encode(envelope)
    told = _END_TEXTS.decode(body)
    end = told.event
    ended = Ended(
        end.passage,
        end.crossed,
        end.people,
        _kept(end.ended, event.ended),
        end.fault,
        event.crossed in CAME_IN or end.people > 0,
    )
    return Plain(end.id, envelope.seq, _kept(told.made, envelope.made), body.decode(), ended)


def plain_of(envelope: Envelope) -> Plain | None:
    """The rows of an event; None where it has to go the ordinary way, as far as it alone shows."""
    event = envelope.event
    if envelope.seq >= _MOST_SEQ:
        return None
    try:
        if type(event) is PassageEnded:
            return _ended(envelope, event)
        if type(event) is not Passage:
            return None
        name, made, began, decided = _texts(event.id, envelope.made, event.began, event.decided)
    except (OverflowError, ValueError):  # a moment at the end of time: the ordinary way says what is wrong with it
        return None
    what = _began(event, began, decided)
    if what is None:
        return None
    body = _ENCODER.encode(envelope)
    return None if is_beyond_clocks(body) else Plain(name, envelope.seq, made, body.decode(), what)
