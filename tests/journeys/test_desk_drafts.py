"""Save and continue later: sealed, back to its owner only, expires; and an item that changes in the meantime."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio
import msgspec
import pytest

from drivers.kinds import IdCard
from hub.catalogue.folder import SHIPPED, compiled
from kiosk.desk.journey import serve_one
from kiosk.desk.session import SessionOver
from kiosk.store.shelf import StoredDraft
from kiosk.view import desk as view
from kiosk.view.common import Cancel, Next
from kiosk.wire.catalogue import Catalogue, Item
from kiosk.wire.events import Content
from kiosk.wire.sealing import unseal
from tests.journeys.cast import card
from tests.journeys.test_desk_journey import ANSWERS, CHOOSE, HAND_IN, LATER, PAPER, SECRET, SIGNED, TOLD, Hall, finish

pytestmark = pytest.mark.anyio

CATALOGUE = compiled(SHIPPED)
KEY = "housing-fund-withdrawal"


class Shelf:
    """Drafts in memory: under the virtual clock a database's thread would let hours pass."""

    def __init__(self) -> None:
        self.drafts: dict[tuple[str, str], StoredDraft] = {}

    async def keep(self, draft: StoredDraft) -> None:
        before = self.drafts.get((draft.person, draft.item))
        kept = draft.kept or (before is not None and before.kept)
        self.drafts[draft.person, draft.item] = replace(draft, kept=kept)

    async def of(self, person: str) -> list[StoredDraft]:
        return [draft for draft in self.drafts.values() if draft.person == person]

    async def drop(self, person: str, item: str, *, unless_kept: bool = False) -> None:
        found = self.drafts.get((person, item))
        if found is not None and not (unless_kept and found.kept):
            del self.drafts[person, item]


class Keeping(Hall):
    """A desk with a shelf, whose catalogue and clock can be changed."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.catalogue = CATALOGUE
        self.shelf = shelf
        self.desk = replace(self.desk, shelf=shelf, catalogue=lambda: self.catalogue)

    async def visit(self, citizen: Callable[[], Awaitable[None]], who: IdCard | None = None) -> str:
        """Serve one person; says how it ended."""
        self.reader.driver.queue = [who or card()]
        self.person.screen = None
        self.desk.stage.reset()
        over: list[str] = []

        async def serve() -> None:
            try:
                await serve_one(self.desk)
            except SessionOver as ended:
                over.append(str(ended))

        with anyio.fail_after(3000):
            async with anyio.create_task_group() as group:
                group.start_soon(serve)
                await citizen()
        return over[0] if over else "served"

    async def begin(self) -> None:
        """The first three answers, and then they save it."""
        await self.walk(CHOOSE, *TOLD, *ANSWERS[:3], (view.Question, view.SaveForLater()))
        kept = await self.person.see(view.DraftKept)
        assert kept.until.isoformat() == "2026-11-30"
        self.person.touch(Next())

    def changed(self, item: Item) -> None:
        """The hub publishes another edition."""
        items = tuple(item if one.key == item.key else one for one in self.catalogue.items)
        self.catalogue = Catalogue(version=2, items=items, life_events=self.catalogue.life_events)


@pytest.fixture
def hall() -> Keeping:
    return Keeping(Shelf())


async def test_saved_and_continued_where_it_stopped(hall: Keeping) -> None:
    assert await hall.visit(hall.begin) == "saved"
    (stored,) = hall.shelf.drafts.values()
    assert b"12000" not in stored.body
    assert b"2025-03-01" not in stored.body

    async def again() -> None:
        drafts = await hall.person.see(view.SavedDrafts)
        assert [(draft.key, draft.kept) for draft in drafts.drafts] == [(KEY, True)]
        hall.person.touch(view.Choose(KEY))
        await hall.person.see(view.Question)
        await hall.walk(*ANSWERS[3:], PAPER, LATER, HAND_IN)
        await finish(hall)

    assert await hall.visit(again) == "served"
    (made,) = hall.notes.submissions
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    assert content.answers["amount"] == "12000"
    assert not hall.shelf.drafts  # handed in: the draft is gone


@pytest.mark.parametrize(
    "other",
    [card("110101199003070038", name="李华"), card(photo=b"another photo")],
    ids=["another person", "a forged card with the same number"],
)
async def test_nobody_else_gets_it(hall: Keeping, other: IdCard) -> None:
    await hall.visit(hall.begin)

    async def stranger() -> None:
        await hall.person.see(view.ChooseItem)
        hall.person.touch(Cancel())

    assert await hall.visit(stranger, other) == "cancelled"
    assert not any(isinstance(state, view.SavedDrafts) for state in hall.person.seen)


async def test_it_can_be_deleted(hall: Keeping) -> None:
    await hall.visit(hall.begin)

    async def delete() -> None:
        await hall.walk((view.SavedDrafts, view.Discard(KEY)))
        await hall.person.see(view.ChooseItem)
        hall.person.touch(Cancel())

    assert await hall.visit(delete) == "cancelled"
    assert not hall.shelf.drafts


async def test_what_a_power_cut_left_comes_back_and_what_was_cancelled_does_not(hall: Keeping) -> None:
    async def cut() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS[:2])
        await hall.person.see(view.Question)

    hall.reader.driver.queue = [card()]
    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(serve_one, hall.desk)
            await cut()
            group.cancel_scope.cancel()  # the plug is pulled

    async def back() -> None:
        drafts = await hall.person.see(view.SavedDrafts)
        assert [draft.kept for draft in drafts.drafts] == [False]
        await hall.walk((view.SavedDrafts, view.Choose(KEY)))
        shown = await hall.person.see(view.Question)
        assert shown.key == "since"
        hall.person.touch(Cancel())

    assert await hall.visit(back) == "cancelled"
    assert not hall.shelf.drafts


async def test_an_item_that_changed_keeps_the_version_begun_where_the_office_takes_it(hall: Keeping) -> None:
    await hall.visit(hall.begin)
    item = CATALOGUE.item(KEY)
    assert item is not None
    hall.changed(msgspec.structs.replace(item, version=2, working_days=2))

    async def again() -> None:
        await hall.walk((view.SavedDrafts, view.Choose(KEY)))
        await hall.person.see(view.Question)
        await hall.walk(*ANSWERS[3:], PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.visit(again)
    assert hall.notes.submissions[0].item_version == 1
    assert not any(isinstance(state, view.ItemChanged) for state in hall.person.seen)


async def test_otherwise_it_is_told_and_checked_again_and_nothing_that_fits_is_lost(hall: Keeping) -> None:
    item = CATALOGUE.item(KEY)
    assert item is not None
    amount = next(query for query in item.form if query.key == "amount")
    stricter = tuple(
        msgspec.structs.replace(query, most=10000) if query.key == amount.key else query for query in item.form
    )

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER)
        await hall.person.see(view.Review)
        hall.changed(msgspec.structs.replace(item, version=2, accepts_version=2, form=stricter))
        await hall.walk(HAND_IN, (view.Sign, SIGNED), (view.ItemChanged, Next()))
        asked = await hall.person.see(view.Question)
        assert (asked.key, asked.value, asked.problem) == ("amount", "12000", view.AnswerProblem.OUT_OF_RANGE)
        await hall.walk((view.Question, view.Answer("amount", "9000")))
        await hall.walk(*ANSWERS[2:], PAPER, LATER, HAND_IN)
        await finish(hall)

    assert await hall.visit(citizen) == "served"
    (made,) = hall.notes.submissions
    assert made.item_version == 2
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    assert content.answers["amount"] == "9000"


async def test_an_item_that_is_gone_is_told(hall: Keeping) -> None:
    await hall.visit(hall.begin)
    hall.catalogue = msgspec.structs.replace(
        CATALOGUE, items=tuple(item for item in CATALOGUE.items if item.key != KEY)
    )

    async def again() -> None:
        await hall.walk((view.SavedDrafts, view.Choose(KEY)))
        told = await hall.person.see(view.ItemChanged)
        assert told.gone
        hall.person.touch(Next())
        await hall.person.see(view.ChooseItem)
        hall.person.touch(Cancel())

    await hall.visit(again)
    assert not hall.shelf.drafts
