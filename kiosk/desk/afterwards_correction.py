"""Correcting a submission: only what the office asks for, looked through together, and handed in once."""

from dataclasses import dataclass
from typing import Final

import msgspec
from uuid6 import uuid7

from kiosk.clock import local_date
from kiosk.desk.afterwards_slips import correction_slip
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.draft import Draft, Page
from kiosk.desk.form import question, shown, words
from kiosk.desk.handover import kept_paper
from kiosk.desk.paperwork import Paperwork
from kiosk.log import logger
from kiosk.view import afterwards as view
from kiosk.view import desk
from kiosk.view.common import Back, Next, Words
from kiosk.wire.answers import GOOD, clean, verdict
from kiosk.wire.catalogue import Item, PaperWanted, Query, Text
from kiosk.wire.events import Answers, Paper, Supplement
from kiosk.wire.progress import Asked, Part, Progress
from kiosk.wire.sealing import seal

_log = logger("desk")
OTHER: Final = "other"
"""Kind of a paper that answers what the office said in free words."""
_OTHER_TITLE: Final = Text(zh_hans="补充材料", zh_hant="補充材料", en="Additional paper")


def captured(pages: int) -> Words:
    """How many pages were photographed; no words for none."""
    if not pages:
        return desk.NO_WORDS
    plural = "s" if pages > 1 else ""
    return Words(f"已拍摄 {pages} 页", f"已拍攝 {pages} 頁", f"{pages} page{plural} photographed")


@dataclass
class _Wanted:
    """One thing that is asked for; a key of its own, because several can be asked for in free words."""

    key: str
    asked: Asked
    title: Words
    query: Query | None = None
    paper: PaperWanted | None = None
    value: str = ""
    pages: tuple[Page, ...] = ()

    @property
    def mendable(self) -> bool:
        """Whether it can be mended here."""
        return self.query is not None or self.paper is not None

    @property
    def given(self) -> bool:
        """Whether it was given now."""
        return bool(self.value or self.pages)

    def row(self) -> view.WantedRow:
        """As a row of the screen."""
        given = shown(self.value, self.query) if self.query is not None and self.value else captured(len(self.pages))
        return view.WantedRow(
            key=self.key if self.mendable else "",
            title=self.title,
            words=self.asked.words,
            done=self.given,
            value=given,
        )


@dataclass
class _Mending:
    """A correction as far as it has come."""

    found: Progress
    item: Item | None
    title: Words
    parts: list[_Wanted]

    def missing(self) -> _Wanted | None:
        """The first that can be given here and was not."""
        return next((part for part in self.parts if part.mendable and not part.given), None)

    @property
    def ready(self) -> bool:
        """Whether it can be handed in: all that can be given here was."""
        return self.missing() is None and any(part.given for part in self.parts)

    def state(self) -> view.Correction:
        """As a view state."""
        return view.Correction(
            number=self.found.number,
            title=self.title,
            rows=tuple(part.row() for part in self.parts),
            due=self.found.asked_due,
            ready=self.ready,
            window=any(not part.mendable for part in self.parts),
        )


def _wanted(number: int, asked: Asked, item: Item | None) -> _Wanted:
    key = f"{number}-{asked.key or OTHER}"
    queries = () if item is None else item.form
    papers = () if item is None else item.papers
    if asked.part is Part.ANSWER:
        query = next((one for one in queries if one.key == asked.key), None)
        title = Words(asked.key, asked.key, asked.key) if query is None else words(query.caption or query.title)
        must = None if query is None else msgspec.structs.replace(query, optional=False, only_if=())
        return _Wanted(key, asked, title, query=must)
    paper = next((one for one in papers if one.key == asked.key), None)
    if paper is None:
        # An item that is not offered here any more, or free words: a page is photographed all the same.
        paper = PaperWanted(key=asked.key or OTHER, title=_OTHER_TITLE)
    return _Wanted(key, asked, words(paper.title), paper=msgspec.structs.replace(paper, deferrable_days=0))


async def correct(visitor: Visitor, found: Progress, asked: tuple[Asked, ...]) -> bool:
    """Give what is asked for, and hand it in. False when they left it as it was.

    Args:
        visitor: whose it is.
        found: the submission.
        asked: of it, what has not come.
    """
    item = visitor.item(found.item)
    parts = [_wanted(place, one, item) for place, one in enumerate(asked, 1)]
    mending = _Mending(found, item, visitor.title(found.item), parts)
    while True:
        match await visitor.session.ask(mending.state()):
            case Back():
                return False
            case desk.Choose(key=key) if any(part.key == key and part.mendable for part in parts):
                await _give(visitor, next(part for part in parts if part.key == key), mending)
            case Next() if mending.ready:
                await _hand_in(visitor, mending)
                return True
            case Next():
                part = mending.missing()
                while part is not None and await _give(visitor, part, mending):
                    part = mending.missing()


async def _give(visitor: Visitor, part: _Wanted, mending: _Mending) -> bool:
    """Give one thing; False is back, and it stays as it was."""
    parts, item = mending.parts, mending.item
    step, steps = parts.index(part) + 1, len(parts)
    if part.query is not None:
        return await _answered(visitor, part, part.query, step, steps)
    assert part.paper is not None
    draft = _draft(visitor, item, part.paper, part.pages)
    work = Paperwork(visitor.desk, visitor.session, draft, part.paper, (step, steps), _kept_nowhere)
    if not await work.collect():
        return False
    part.pages = work.draft.pages_of(part.paper)
    return bool(part.pages)


def _draft(visitor: Visitor, item: Item | None, paper: PaperWanted, pages: tuple[Page, ...]) -> Draft:
    """What carries the pages of one paper; an item that is offered no more lends nothing but its name."""
    assert visitor.card is not None
    known = item or visitor.desk.catalogue().items[0]
    alone = msgspec.structs.replace(known, papers=(paper,), form=known.form[:1])
    draft = Draft(visitor.card, alone, visitor.desk.clock.now())
    return draft.with_pages(paper.key, pages) if pages else draft


async def _kept_nowhere(draft: Draft) -> None:
    """A correction is short: nothing of it is kept before it is handed in."""
    del draft


async def _answered(visitor: Visitor, part: _Wanted, query: Query, step: int, steps: int) -> bool:
    found, value = GOOD, part.value
    while True:
        state = question(query, step=step, steps=steps, value=value, found=found)
        match await visitor.asked(state):
            case desk.Answer(key=key, value=given) if key == query.key:
                value = clean(query, given)
                found = verdict(query, value, {query.key: value}, local_date(visitor.desk.clock.now()))
                if found.good and value:
                    part.value = value
                    return True
            case Back():
                return False


async def _hand_in(visitor: Visitor, mending: _Mending) -> None:
    """Seal, store and queue it in one go; it is durable before the person is told."""
    terminal, recipient = visitor.desk, visitor.desk.trust.recipient
    terminal.stage.show(desk.Submitting())
    papers: list[Paper] = []
    answers: dict[str, str] = {}
    for part in mending.parts:
        if part.paper is not None:
            draft = _draft(visitor, mending.item, part.paper, part.pages)
            papers += await kept_paper(terminal, draft, part.paper, visitor.session.transcript)
        elif part.query is not None and part.value:
            answers[part.query.key] = part.value
    now, number = terminal.clock.now(), mending.found.number
    made = Supplement(
        id=uuid7(),
        number=number,
        person_sealed=visitor.sealed_person(),
        papers=tuple(papers),
        answers_sealed=seal(msgspec.json.encode(Answers(answers=answers)), recipient) if answers else b"",
        handed_in=now,
    )
    await visitor.after.post.supplement(made)
    visitor.handed_in.add(number)
    _log.info("correction handed in", supplement=str(made.id), papers=len(papers), answers=len(answers))
    terminal.stage.show(view.Told(view.News.HANDED_IN, mending.title, slip=view.Slip.PRINTING))
    given = tuple(part.title for part in mending.parts if part.given)
    slip = await visitor.slip(correction_slip(terminal, number, mending.title, given, now))
    await visitor.told(view.Told(view.News.HANDED_IN, mending.title, slip=slip))
