"""Events that nothing follows from but their rows, as the rows they become: made once, when they are checked.

Passages that nobody was called to, and their ends, are nearly all that gates send. What is here needs no database, so
that it can be done in another process (`hub.submissions.check`).
"""

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


class Plain(msgspec.Struct, frozen=True):
    """An event that may go the quick way; `body` is its JSON as it is stored."""

    id: str
    seq: int
    made: str
    body: str
    what: Began | Ended


def moment_text(moment: datetime) -> str:
    """A moment in UTC as SQLAlchemy keeps it in SQLite: `2026-11-22 17:00:00.000000`.

    Raises:
        OverflowError: It is no moment in UTC.
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


def _texts(*what: UUID | datetime) -> list[str]:
    """Ids and moments as texts; moments as `moment_text` has them.

    Written and read back as JSON, all of them at a fifth of what Python's own ways take: `str` of a `UUID` and
    `isoformat` were half the work with an event.
    """
    texts = _TEXTS.decode(_ENCODER.encode(what))
    for at, text in enumerate(texts):
        if len(text) == _JSON_MOMENT and text[-1] == "Z":
            texts[at] = f"{text[:10]} {text[11:26]}"
        elif isinstance(moment := what[at], datetime):  # elsewhere on earth, or on a whole second
            texts[at] = moment_text(moment)
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


def plain_of(envelope: Envelope) -> Plain | None:
    """The rows of an event; None where it has to go the ordinary way, as far as it alone shows."""
    event = envelope.event
    if envelope.seq >= _MOST_SEQ:
        return None
    try:
        if type(event) is PassageEnded:
            if "\x00" in event.fault:
                return None
            name, made, passage, ended = _texts(event.id, envelope.made, event.passage, event.ended)
            crossed = event.crossed
            came_in = crossed in CAME_IN or event.people > 0
            what: Began | Ended | None = Ended(passage, crossed.value, event.people, ended, event.fault, came_in)
        elif type(event) is Passage:
            name, made, began, decided = _texts(event.id, envelope.made, event.began, event.decided)
            what = _began(event, began, decided)
        else:
            return None
    except (OverflowError, ValueError):  # a moment at the end of time: the ordinary way says what is wrong with it
        return None
    if what is None:
        return None
    return Plain(name, envelope.seq, made, _ENCODER.encode(envelope).decode(), what)
