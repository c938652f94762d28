"""Whether a message is wanted about a number for a window, or an appointment; and where to."""

import msgspec

from kiosk.clock import local_date
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.form import question
from kiosk.desk.texts import texts_queries, texts_verdict, texts_wanted
from kiosk.view import desk
from kiosk.view.common import Back
from kiosk.wire.answers import GOOD, clean, verdict
from kiosk.wire.catalogue import Query
from kiosk.wire.sealing import seal


async def texts_for(visitor: Visitor) -> bytes | None:
    """Ask, where this hall sends messages.

    Returns:
        The sealed number; empty where none is wanted; None is back.
    """
    if not visitor.desk.texts:
        return b""
    answers: dict[str, str] = {}
    place = 0
    while place < len(texts_queries(answers)):
        query = texts_queries(answers)[place]
        given = await _answer(visitor, query, answers.get(query.key, ""))
        if given is None and place == 0:
            return None
        if given is not None:
            answers[query.key] = given
        place += 1 if given is not None else -1
    wanted = texts_wanted(answers, visitor.desk.stage.language, visitor.desk.clock.now())
    return b"" if wanted is None else seal(msgspec.json.encode(wanted), visitor.desk.trust.recipient)


async def _answer(visitor: Visitor, query: Query, value: str) -> str | None:
    """The answer to one question, checked; None is back."""
    found, today = GOOD, local_date(visitor.desk.clock.now())
    while True:
        match await visitor.asked(question(query, step=0, steps=0, value=value, found=found)):
            case desk.Answer(key=key, value=given) if key == query.key:
                value = clean(query, given)
                found = texts_verdict(query, value) or verdict(query, value, {}, today)
                if found.good:
                    return value
            case Back():
                return None
