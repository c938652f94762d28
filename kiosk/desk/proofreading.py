"""What stands on a paper against what was filled in. A difference is told, and never stops anybody."""

from contextlib import suppress

from kiosk.clock import local_date
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.form import words
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import Next, Words
from kiosk.vision.observation import SightLost
from kiosk.vision.reading import DocumentKind, Field, Reading, TextProblem
from kiosk.vision.text.compare import Match, compare
from kiosk.wire.catalogue import PaperFact, PaperWanted

_log = logger("desk")

READ_SECONDS = 10.0
"""Nobody waits longer than that to hear that all is well."""
_SURE = 0.6
"""A field that was read with less is not worth a question."""
_SAME = frozenset({Match.EQUAL, Match.SAME_BUT_FORM, Match.MISSING})
_CARD = {
    "card:name": Words("姓名", "姓名", "Name"),
    "card:number": Words("身份证号码", "身份證號碼", "ID number"),
}


async def differing(
    desk: Desk, session: Session, draft: Draft, paper: PaperWanted, place: tuple[int, int]
) -> tuple[view.Differing, ...]:
    """Read the first page of a paper, and compare it with the draft.

    Args:
        desk: the desk.
        session: of the person, who can go on without waiting.
        draft: what was filled in; the paper was photographed.
        paper: says what is to be read.
        place: which step this is, and of how many.

    Returns:
        What differs; nothing where the page could not be read in time.

    Raises:
        SessionOver: they left.
    """
    pages = draft.pages_of(paper)
    if desk.reads is None or not pages or not paper.compare:
        return ()
    page, reads = pages[0].page, desk.reads
    kind = DocumentKind(paper.shows)
    today = local_date(desk.clock.now())
    wanted = tuple(dict.fromkeys(one.field for one in paper.compare))
    state = view.ReadingPaper(*place, words(paper.title), page.preview)
    desk.stage.show(state)

    async def read() -> Reading | None:
        with suppress(SightLost):
            return await reads.read_page(page.jpeg, kind, today, wanted=wanted, within=READ_SECONDS)
        return None

    async def touched() -> Reading | None:
        while not isinstance(await session.on_screen(), Next):
            pass
        return None

    async with session.transcript.aside():
        reading = await first(read, touched)
    if reading is None or reading.problem is not TextProblem.NONE:
        _log.info("a paper was not read", paper=paper.key, why=reading.problem.value if reading else "away")
        return ()
    found = (_differs(draft, one, reading.values.get(one.field)) for one in paper.compare)
    return tuple(one for one in found if one is not None)


def _differs(draft: Draft, fact: PaperFact, read: Field | None) -> view.Differing | None:
    if read is None or read.score < _SURE:
        return None
    if fact.query in _CARD:
        typed = draft.card.name if fact.query == "card:name" else draft.card.number
        caption, key = _CARD[fact.query], ""
    else:
        query = next((query for query in draft.asked() if query.key == fact.query), None)
        if query is None:
            return None
        typed, caption, key = draft.given(query.key), words(query.caption or query.title), query.key
    if compare(typed, read.value).match in _SAME:
        return None
    return view.Differing(key, caption, typed[:200], read.value[:200])
