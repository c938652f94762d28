"""Opening what is sealed in an event: to see that it is exactly what it must be, and to let it go again."""

import re
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from hub.submissions.opening import opened
from hub.texts.contacts import Left, left
from kiosk.wire.events import (
    Address,
    Answers,
    CallbackNumber,
    CallbackWanted,
    Content,
    DeliveryWanted,
    Event,
    Opinion,
    OpinionWords,
    Passage,
    Person,
    Submission,
    Supplement,
)
from kiosk.wire.rules import Reason
from kiosk.wire.sealing import CannotUnseal
from kiosk.wire.texts import TextsWanted

_RUN = re.compile(r"[A-Za-z0-9+/=_-]{200}")
"""A run of base64 this long is no answer to a question; it is a file."""
T = TypeVar("T")


class Refused(Exception):
    """This event will never be taken; says why."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What storing an event needs of what is sealed in it; never stored, never logged.

    Attributes:
        number: Of the person's document.
        answers: Keys of the answers.
        texts: Where messages go, locked away again.
    """

    number: str = ""
    answers: frozenset[str] = frozenset()
    texts: Left | None = None


def _open(sealed: bytes, identity: str, kind: type[T]) -> T:
    return msgspec.json.decode(opened(sealed, identity), type=kind)


def _check_words(answers: dict[str, str]) -> None:
    for key, answer in answers.items():
        if _RUN.search(answer):
            raise Refused(f"the answer to {key!r} is a file, not words")


def _inside(event: Event, identity: str) -> Inside:
    match event:
        case Passage() if event.person_sealed:
            _open(event.person_sealed, identity, Person)
        case Submission():
            content = _open(event.content_sealed, identity, Content)
            _check_words(content.answers)
            if event.address_sealed:
                _open(event.address_sealed, identity, Address)
            texts = left(_open(event.texts_sealed, identity, TextsWanted), identity) if event.texts_sealed else None
            return Inside(content.person.number, frozenset(content.answers), texts)
        case Supplement():
            answers = _open(event.answers_sealed, identity, Answers).answers if event.answers_sealed else {}
            _check_words(answers)
            return Inside(_open(event.person_sealed, identity, Person).number, frozenset(answers))
        case DeliveryWanted():
            if event.address_sealed:
                _open(event.address_sealed, identity, Address)
            return Inside(_open(event.person_sealed, identity, Person).number)
        case Opinion() if event.words_sealed:
            _check_words({"words": _open(event.words_sealed, identity, OpinionWords).text})
        case CallbackWanted():
            _open(event.number_sealed, identity, CallbackNumber)
        case _:
            pass
    return Inside()


def check_sealed(event: Event, identity: str) -> Inside:
    """Open what is sealed, and see that it is what it must be.

    Args:
        event: As it came.
        identity: The hub's age identity.

    Raises:
        Refused: It cannot be opened, or is something else.
    """
    if isinstance(event, Passage) and len(event.decision.reasons) > len(Reason):
        raise Refused("more reasons than there are")
    try:
        return _inside(event, identity)
    except CannotUnseal as error:
        raise Refused(f"the sealed part cannot be opened: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # The message could repeat what was sealed; only the kind of mistake is told.
        raise Refused(f"the sealed part is not what it must be ({type(error).__name__})") from error
