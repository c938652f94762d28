"""Papers that do not lie under the camera: from the person's telephone, and handed in before."""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import anyio
import msgspec
import pytest

from kiosk.desk.journey import serve_one
from kiosk.desk.session import SessionOver
from kiosk.view import afterwards
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff, Cancel, Next
from kiosk.vision.observation import PaperPage, PaperProblem, SightLost
from kiosk.vision.sent import SentPage
from kiosk.wire.catalogue import Catalogue, Source, Text
from kiosk.wire.earlier import EarlierOffer, EarlierOffers
from kiosk.wire.phone import PhonePage, PhoneStanding, PhoneState, PhoneTicket, PhoneWanted
from kiosk.wire.progress import WhoAsks
from kiosk.wire.requests import LineDown, NotDone
from kiosk.wire.sealing import seal, unseal
from tests.journeys.test_desk_journey import (
    ANSWERS,
    CATALOGUE,
    CHOOSE,
    HAND_IN,
    LATER,
    SECRET,
    TOLD,
    Hall,
    finish,
)

pytestmark = pytest.mark.anyio
KEY = "housing-fund-withdrawal"
URL = "https://kiosk.example/p/0123456789abcdef0123456789abcdef"


@dataclass
class Telephone:
    """The hub's end of the line, with a telephone that sends what the test says."""

    sends: list[tuple[bytes, bool]] = field(default_factory=list)
    state: PhoneState = PhoneState.WAITING
    down: bool = False
    possible: bool = True
    has_page: bool = True
    wanted: list[PhoneWanted] = field(default_factory=list)
    closed: list[UUID] = field(default_factory=list)
    stray: bytes = b""
    sealed: list[tuple[bytes, bool]] = field(default_factory=list)

    def _pages(self) -> list[tuple[bytes, bool]]:
        return [(seal(content, self.wanted[-1].recipient), photo) for content, photo in self.sends]

    async def open(self, wanted: PhoneWanted) -> PhoneTicket | NotDone | LineDown:
        await anyio.sleep(0.2)
        if self.down:
            return LineDown()
        if not self.has_page:
            self.possible = False
            return NotDone(kind="no_phone_page", detail="")
        self.wanted.append(wanted)
        self.sealed = []
        return PhoneTicket(url=URL, expires=datetime(2026, 11, 23, 2, tzinfo=UTC), seconds=600)

    async def look(self, ticket: UUID) -> PhoneStanding | NotDone | LineDown:
        assert ticket == self.wanted[-1].id
        if self.down:
            return LineDown()
        self.sealed = self.sealed or self._pages()
        pages = tuple(
            PhonePage(sha256=hashlib.sha256(sealed).hexdigest(), bytes=len(sealed), photo=photo)
            for sealed, photo in self.sealed
        )
        state = PhoneState.ARRIVING if pages and self.state is PhoneState.WAITING else self.state
        return PhoneStanding(state=state, pages=pages, seconds=590)

    async def page(self, ticket: UUID, place: int, page: PhonePage) -> bytes | NotDone | LineDown:
        assert ticket not in self.closed
        assert page.bytes == len(self.sealed[place - 1][0])
        return self.stray or self.sealed[place - 1][0]

    async def close(self, ticket: UUID) -> PhoneStanding | NotDone | LineDown:
        self.closed.append(ticket)
        return PhoneStanding(state=PhoneState.CLOSED)


class Finder:
    """Crops what it is given, and doubts what is blurred."""

    def __init__(self) -> None:
        self.lost = False
        self.asked: list[bool] = []

    async def page_of(self, picture: bytes, *, whole: bool) -> SentPage | None:
        self.asked.append(whole)
        if self.lost:
            raise SightLost("vision")
        if picture == b"no picture":
            return None
        problem = PaperProblem.BLURRED if b"blurred" in picture else PaperProblem.NONE
        return SentPage(PaperPage(0, b"cropped " + picture, b"preview"), problem)


def edition(**changes: object) -> Catalogue:
    """The catalogue, with the first paper of the item changed."""
    item = CATALOGUE.item(KEY)
    assert item is not None
    papers = (msgspec.structs.replace(item.papers[0], **changes), *item.papers[1:])
    changed = msgspec.structs.replace(item, papers=papers)
    return msgspec.structs.replace(
        CATALOGUE, items=tuple(changed if one.key == KEY else one for one in CATALOGUE.items)
    )


class Elsewhere(Hall):
    """A desk whose mat stays empty."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.sight.paper = PaperProblem.NO_PAPER
        self.phone, self.finder = Telephone(), Finder()
        self.catalogue = edition(most_pages=4, **changes)
        self.is_offline = False
        self.desk = replace(
            self.desk,
            phone=self.phone,
            sent=self.finder,
            catalogue=lambda: self.catalogue,
            offline=lambda: self.is_offline,
        )

    async def to_the_paper(self) -> view.CapturePaper:
        await self.walk(CHOOSE, *TOLD, *ANSWERS)
        return await self.person.see(view.CapturePaper)

    async def until(self, stage: view.PhoneStage) -> view.PhonePaper:
        while True:
            shown = await self.person.see(view.PhonePaper)
            if shown.stage is stage:
                return shown
            await anyio.sleep(0.05)

    async def leaves(self, citizen: Callable[[], Coroutine[object, object, None]]) -> str:
        """Serve somebody who leaves before the end; says how it ended."""
        over: list[str] = []

        async def serve() -> None:
            try:
                await serve_one(self.desk)
            except SessionOver as ended:
                over.append(str(ended))

        with anyio.fail_after(3000):
            async with anyio.create_task_group() as group:
                group.start_soon(citizen)
                group.start_soon(serve)
        return over[0]

    def handed_in(self) -> list[tuple[str, str, bytes]]:
        (made,) = self.notes.submissions
        return [
            (paper.grade, paper.device, unseal(content, SECRET))
            for paper, content in zip(made.papers, self.notes.papers, strict=True)
        ]


async def test_pictures_from_the_telephone_are_looked_at_and_handed_in_with_their_provenance() -> None:
    hall = Elsewhere()

    async def citizen() -> None:
        assert (await hall.to_the_paper()).phone is view.PhoneWay.YES
        hall.person.touch(view.FromPhone())
        shown = await hall.until(view.PhoneStage.WAITING)
        assert (shown.qr, shown.most) == (URL, 4)
        hall.phone.state = PhoneState.OPENED
        await hall.until(view.PhoneStage.OPENED)
        hall.phone.state = PhoneState.WAITING
        hall.phone.sends = [(b"one", True), (b"two blurred", True)]
        hall.phone.sealed = []
        assert (await hall.until(view.PhoneStage.ARRIVING)).count == 2
        hall.phone.state = PhoneState.DONE
        await hall.walk((view.PaperPages, view.ShowPage(2)))
        doubted = await hall.person.see(view.CheckPaper)
        assert doubted.doubt is view.PaperHint.BLURRED
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.handed_in() == [("C", "phone", b"cropped one"), ("C", "phone", b"cropped two blurred")]
    assert hall.finder.asked == [False, False]
    assert hall.phone.closed == [hall.phone.wanted[0].id]
    assert hall.phone.wanted[0].title.zh_hans


async def test_a_pdf_is_of_another_grade_and_not_cropped() -> None:
    hall = Elsewhere()

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.phone.sends, hall.phone.state = [(b"page", False)], PhoneState.DONE
        hall.person.touch(view.FromPhone())
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.handed_in() == [("D", "phone", b"cropped page")]
    assert hall.finder.asked == [True]


async def test_the_desk_can_say_that_it_is_all() -> None:
    hall = Elsewhere()

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.phone.sends = [(b"one", True)]
        hall.person.touch(view.FromPhone())
        await hall.until(view.PhoneStage.ARRIVING)
        hall.person.touch(view.TakeThem())
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert len(hall.handed_in()) == 1


async def test_both_sides_of_a_card_come_as_two_pictures() -> None:
    hall = Elsewhere(both_sides=True)

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.phone.sends, hall.phone.state = [(b"front", True), (b"back", True)], PhoneState.DONE
        hall.person.touch(view.FromPhone())
        shown = await hall.person.see(view.CheckPaper)
        assert shown.back == b"preview"
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert [content for _, _, content in hall.handed_in()] == [b"cropped front", b"cropped back"]
    assert hall.phone.wanted[0].sides
    assert hall.phone.wanted[0].most == 8


async def test_no_line_and_the_way_is_not_open() -> None:
    hall = Elsewhere(sources=(Source.CAMERA, Source.PHONE, Source.EARLIER))
    hall.desk = replace(hall.desk, earlier=Books(()))
    hall.is_offline = True

    async def citizen() -> None:
        shown = await hall.to_the_paper()
        assert (shown.phone, shown.earlier) == (view.PhoneWay.LINE_DOWN, view.EarlierWay.LINE_DOWN)
        hall.person.touch(view.FromPhone())  # drawn so that it cannot be touched; nothing happens all the same
        await anyio.sleep(1)
        assert isinstance((await hall.person.see(view.CapturePaper)), view.CapturePaper)
        hall.sight.paper = PaperProblem.NONE
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert not hall.phone.wanted


@pytest.mark.parametrize("way", ["line", "expired", "unreadable", "tampered", "no_page"])
async def test_what_goes_wrong_is_told_and_nobody_is_stuck(way: str) -> None:
    hall = Elsewhere()
    stage = {
        "line": view.PhoneStage.LINE_DOWN,
        "expired": view.PhoneStage.EXPIRED,
        "unreadable": view.PhoneStage.UNREADABLE,
        "tampered": view.PhoneStage.UNREADABLE,
        "no_page": view.PhoneStage.NOT_POSSIBLE,
    }[way]

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.phone.has_page = way != "no_page"
        hall.person.touch(view.FromPhone())
        if way != "no_page":
            await hall.until(view.PhoneStage.WAITING)
        if way == "line":
            hall.phone.down = True
        elif way == "expired":
            hall.phone.state = PhoneState.EXPIRED
        elif way == "unreadable":
            hall.phone.sends, hall.phone.state, hall.phone.sealed = [(b"no picture", True)], PhoneState.DONE, []
        elif way == "tampered":
            hall.phone.stray = b"x"
            hall.phone.sends, hall.phone.state, hall.phone.sealed = [(b"one", True)], PhoneState.DONE, []
        assert (await hall.until(stage)).qr == ""
        if way in ("line", "expired"):
            hall.phone.down, hall.phone.state, hall.phone.sends = False, PhoneState.DONE, [(b"again", True)]
            hall.person.touch(view.NewCode())
            await hall.walk((view.CheckPaper, Next()))
        else:
            hall.person.touch(Back())
            shown = await hall.person.see(view.CapturePaper)
            assert shown.phone is (view.PhoneWay.NO if way == "no_page" else view.PhoneWay.YES)
            hall.sight.paper = PaperProblem.NONE
            await hall.walk((view.CheckPaper, Next()))
            hall.sight.paper = PaperProblem.NO_PAPER
        await hall.walk(LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert len(hall.handed_in()) == 1
    assert {each.id for each in hall.phone.wanted} <= set(hall.phone.closed)  # each one, whatever became of it


async def test_without_eyes_a_page_goes_as_it_came() -> None:
    hall = Elsewhere()
    hall.finder.lost = True

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.phone.sends, hall.phone.state = [(b"one", True)], PhoneState.DONE
        hall.person.touch(view.FromPhone())
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert [content for _, _, content in hall.handed_in()] == [b"one"]


async def test_help_a_new_code_back_and_leaving_delete_what_was_at_the_hub() -> None:
    hall = Elsewhere()

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.person.touch(view.FromPhone())
        await hall.until(view.PhoneStage.WAITING)
        hall.person.touch(CallStaff())
        await hall.person.see(view.StaffCalled)
        hall.person.touch(Back())
        await hall.until(view.PhoneStage.WAITING)
        hall.person.touch(view.NewCode())
        while len(hall.phone.wanted) < 2:
            await anyio.sleep(0.1)
        await hall.until(view.PhoneStage.WAITING)
        hall.person.touch(Back())
        await hall.person.see(view.CapturePaper)
        hall.person.touch(view.FromPhone())
        while len(hall.phone.wanted) < 3:
            await anyio.sleep(0.1)
        await hall.until(view.PhoneStage.WAITING)
        hall.person.touch(Cancel())

    assert await hall.leaves(citizen) == "cancelled"
    assert hall.phone.closed == [each.id for each in hall.phone.wanted]
    assert len({each.recipient for each in hall.phone.wanted}) == 3  # a key of its own for each


async def test_somebody_busy_with_the_telephone_is_not_chased_away_and_nobody_stays_for_ever() -> None:
    hall = Elsewhere()
    over: list[float] = []

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.person.touch(view.FromPhone())
        await hall.until(view.PhoneStage.WAITING)
        begun = anyio.current_time()
        await anyio.sleep(150)
        assert isinstance(await hall.person.see(view.PhonePaper), view.PhonePaper)
        await hall.person.see(view.StillThere)
        over.append(anyio.current_time() - begun)

    assert await hall.leaves(citizen) == "idle"
    assert 150 < over[0] < 260


# Handed in before ----------------------------------------------------------------------------------------------------

OFFER = EarlierOffer(
    number="00000300000017",
    sha256="e" * 64,
    bytes=1234,
    item_title=Text(zh_hans="租房提取", zh_hant="租房提取", en="Rent"),
    captured=datetime(2026, 9, 1, tzinfo=UTC),
    device="camera",
    grade="B",
    pages=3,
    handed_in=datetime(2026, 9, 1, tzinfo=UTC),
)


class Books:
    """The hub's offers."""

    def __init__(self, offers: tuple[EarlierOffer, ...]) -> None:
        self.offers = offers
        self.down = False
        self.asked: list[tuple[WhoAsks, str, str]] = []

    async def earlier(self, who: WhoAsks, item: str, paper: str) -> EarlierOffers | NotDone | LineDown:
        self.asked.append((who, item, paper))
        return LineDown() if self.down else EarlierOffers(papers=self.offers)

    async def earlier_page(self, who: WhoAsks, offer: EarlierOffer) -> bytes | NotDone | LineDown:
        assert who == self.asked[-1][0] or who.person == self.asked[-1][0].person
        return LineDown() if self.down else b"page of " + offer.number.encode()


def again(offers: tuple[EarlierOffer, ...] = (OFFER,)) -> tuple[Elsewhere, Books]:
    hall = Elsewhere(sources=(Source.CAMERA, Source.EARLIER))
    books = Books(offers)
    hall.desk = replace(hall.desk, earlier=books)
    return hall, books


async def test_a_paper_from_before_is_agreed_to_and_named_with_its_provenance() -> None:
    hall, books = again()

    async def citizen() -> None:
        shown = await hall.to_the_paper()
        assert (shown.phone, shown.earlier) == (view.PhoneWay.NO, view.EarlierWay.YES)
        await hall.walk((view.CapturePaper, view.FromEarlier()), (view.EarlierPapers, view.Choose("e" * 64)))
        asked = await hall.person.see(view.ReuseEarlier)
        assert (asked.page, asked.paper.grade, asked.chosen) == (b"page of 00000300000017", "B", False)
        hall.person.touch(Next())
        await hall.walk(LATER)
        review = await hall.person.see(view.Review)
        assert any("沿用 2026-09-01 交过的 3 页" in row.value.zh_hans for row in review.rows)
        await hall.walk(HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    (made,) = hall.notes.submissions
    (paper,) = made.papers
    assert (paper.earlier, paper.sha256, paper.grade, paper.device, paper.pages, paper.captured) == (
        "00000300000017", "e" * 64, "B", "camera", 3, OFFER.captured
    )  # fmt: skip
    assert hall.notes.papers == []
    assert books.asked[0][1:] == (KEY, "contract")
    assert "3 页" in str(hall.printer.driver.jobs[0])


async def test_back_shows_it_again_and_another_one_can_be_photographed() -> None:
    hall, _ = again()

    async def citizen() -> None:
        await hall.to_the_paper()
        await hall.walk(
            (view.CapturePaper, view.FromEarlier()),
            (view.EarlierPapers, view.Choose("e" * 64)),
            (view.ReuseEarlier, Next()),
            (view.CapturePaper, Back()),
        )
        assert (await hall.person.see(view.ReuseEarlier)).chosen
        hall.sight.paper = PaperProblem.NONE
        await hall.walk((view.ReuseEarlier, view.Retake()), (view.CheckPaper, Next()))
        hall.sight.paper = PaperProblem.NO_PAPER
        await hall.walk(LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert [(grade, device) for grade, device, _ in hall.handed_in()] == [("C", "camera")]


@pytest.mark.parametrize("down", [True, False])
async def test_none_or_no_line_is_told_and_the_camera_is_there(down: bool) -> None:
    hall, books = again(())
    books.down = down

    async def citizen() -> None:
        await hall.to_the_paper()
        hall.person.touch(view.FromEarlier())
        told = await hall.person.see(afterwards.Told)
        assert told.what is (afterwards.News.LINE_DOWN if down else afterwards.News.NO_EARLIER)
        hall.person.touch(Next())
        await hall.person.see(view.CapturePaper)
        hall.person.touch(Cancel())

    assert await hall.leaves(citizen) == "cancelled"


async def test_disagreeing_uses_nothing() -> None:
    hall, _ = again()

    async def citizen() -> None:
        await hall.to_the_paper()
        await hall.walk((view.CapturePaper, view.FromEarlier()), (view.EarlierPapers, view.Choose("e" * 64)))
        await hall.walk((view.ReuseEarlier, Back()), (view.EarlierPapers, Back()))
        await hall.person.see(view.CapturePaper)
        hall.person.touch(Cancel())

    assert await hall.leaves(citizen) == "cancelled"
    assert not hall.notes.submissions
