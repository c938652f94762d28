"""Papers: several pages, both sides of a card, order, what is read of them, and those that follow against a promise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import anyio
import msgspec
import pytest

from kiosk.view import desk as view
from kiosk.view.common import Back, Language, Next
from kiosk.view.screen import Intent
from kiosk.vision.observation import PaperPage
from kiosk.vision.reading import READ_WITHIN, DocumentKind, Field, Key, Reading, TextProblem
from kiosk.vision.sheets import Document, NotBound, Sheet, Stamp
from kiosk.wire.events import Content
from kiosk.wire.sealing import unseal
from tests.journeys.cast import SightScript
from tests.journeys.test_desk_items import Citizen
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


class Counted(SightScript):
    """Each page that is taken is another one."""

    taken = 0

    async def take_page(self) -> PaperPage:
        self.taken += 1
        return PaperPage(1, f"page {self.taken}".encode(), f"preview {self.taken}".encode())


class Binder:
    """Writes down what is bound; a document takes at most `most` pages."""

    def __init__(self, most: int = 200) -> None:
        self.most = most
        self.bound: list[tuple[Sequence[Sheet], Stamp]] = []
        self.broken = False

    async def bind(self, sheets: Sequence[Sheet], stamp: Stamp) -> tuple[Document, ...]:
        if self.broken:
            raise NotBound("page 1 is no picture")
        self.bound.append((sheets, stamp))
        parts = [sheets[at : at + self.most] for at in range(0, len(sheets), self.most)]
        return tuple(Document(b"|".join(sheet.picture + sheet.back for sheet in part), len(part)) for part in parts)


class PaperHall(Hall):
    def __init__(self) -> None:
        super().__init__()
        self.sight, self.binder = Counted(), Binder()
        self.desk = replace(self.desk, sight=self.sight, binder=self.binder)

    def handed_in(self) -> list[tuple[str, int, bytes]]:
        (made,) = self.notes.submissions
        opened = [unseal(paper, SECRET) for paper in self.notes.papers]
        return [(paper.kind, paper.pages, data) for paper, data in zip(made.papers, opened, strict=True)]


@pytest.fixture
def hall() -> PaperHall:
    return PaperHall()


async def test_several_pages_added_looked_over_moved_and_removed(hall: PaperHall) -> None:
    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()))
        second = await hall.person.see(view.CheckPaper)
        assert (second.number, second.count, second.most, second.page) == (2, 2, 20, b"preview 2")
        await hall.walk(
            (view.CheckPaper, view.AddPage()),
            (view.CheckPaper, view.AddPage()),
            (view.CheckPaper, view.ShowPages()),
        )
        pages = await hall.person.see(view.PaperPages)
        assert pages.pages == (b"preview 1", b"preview 2", b"preview 3", b"preview 4")
        await hall.walk(
            (view.PaperPages, view.MovePage(4, 1)),
            (view.PaperPages, view.RemovePage(3)),
            (view.PaperPages, view.ShowPage(2)),
            (view.CheckPaper, view.Retake()),
            (view.CheckPaper, Back()),
        )
        pages = await hall.person.see(view.PaperPages)
        assert pages.pages == (b"preview 4", b"preview 5", b"preview 3")
        await hall.walk((view.PaperPages, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.handed_in() == [("contract", 3, b"page 4|page 5|page 3")]
    ((_, stamp),) = hall.binder.bound
    assert "住房公积金提取" in stamp.purpose
    assert "2026-11-23" in stamp.purpose
    assert stamp.grade.startswith("C")


async def test_back_from_one_more_page_keeps_those_that_are_there(hall: PaperHall) -> None:
    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()), (view.CheckPaper, view.ShowPages()))
        hall.sight.lost = "camera"
        await hall.walk((view.PaperPages, view.AddPage()), (view.CapturePaper, Back()))
        pages = await hall.person.see(view.PaperPages)
        assert pages.count == 2
        await hall.walk((view.PaperPages, view.ShowPage(2)), (view.CheckPaper, view.Retake()))
        await hall.walk((view.CapturePaper, Back()))
        kept = await hall.person.see(view.CheckPaper)
        assert kept.page == b"preview 2"
        hall.sight.lost = None
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.handed_in() == [("contract", 2, b"page 1|page 2")]


async def test_a_document_of_sixty_pages_comes_in_parts_in_order(hall: PaperHall) -> None:
    item = CATALOGUE.item("eia-approval")
    assert item is not None
    paper = next(one for one in item.papers if one.most_pages >= 60 and not one.only_if)
    hall.binder.most = 25

    class Thick(Citizen):
        def intent(self, state: object) -> Intent | None:
            match state:
                case view.CheckPaper(count=count, title=title) if title.zh_hans == paper.title.zh_hans and count < 60:
                    return view.AddPage()
                case view.CheckPaper() | view.PaperPages():
                    return Next()
            return super().intent(state)  # type: ignore[arg-type]  # whatever is on the screen

    citizen = Thick(hall, item)
    await hall.serve(citizen.walk)
    report = [entry for entry in hall.handed_in() if entry[0] == paper.key]
    assert [pages for _, pages, _ in report] == [25, 25, 10]
    numbers = [int(page.split()[1]) for page in b"|".join(data for *_, data in report).split(b"|")]
    assert numbers == sorted(numbers)
    assert len(numbers) == 60


async def test_both_sides_of_a_card_come_on_one_page(hall: PaperHall) -> None:
    item = CATALOGUE.item("social-card-pin")
    assert item is not None
    await hall.serve(Citizen(hall, item).walk)
    sides = [state.side for state in hall.person.seen if isinstance(state, view.CapturePaper)]
    assert list(dict.fromkeys(sides)) == [view.Side.FRONT, view.Side.BACK]
    checked = [state for state in hall.person.seen if isinstance(state, view.CheckPaper)]
    assert all(state.back.startswith(b"preview") and state.page != state.back for state in checked)
    ((kind, pages, data),) = hall.handed_in()
    assert (kind, pages) == ("card", 1)
    assert data == b"page 3page 4"  # the first two were taken again


async def test_pages_that_cannot_be_bound_are_handed_in_as_they_are(hall: PaperHall) -> None:
    hall.binder.broken = True

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()), (view.CheckPaper, Next()), LATER)
        await hall.walk(HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.handed_in() == [("contract", 1, b"page 1"), ("contract", 1, b"page 2")]


# Papers that follow ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", list(Language))
async def test_a_promise_is_signed_and_stands_on_the_receipt(hall: PaperHall, language: Language) -> None:
    hall.desk.stage._first_language = language
    hall.desk.stage.reset()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, Next()), LATER, HAND_IN)
        signing = await hall.person.see(view.Sign)
        assert len(signing.promises) == 1
        assert "2026 年 12 月 3 日" in signing.promises[0].zh_hans
        hall.person.touch(view.Signed((((0.5, 0.5), (0.51, 0.5)),)))
        while not (isinstance(hall.person.screen.state, view.Sign) and hall.person.screen.state.empty):  # type: ignore[union-attr]
            await anyio.sleep(0.01)
        await finish(hall)

    await hall.serve(citizen)
    (made,) = hall.notes.submissions
    assert [(one.kind, one.due.isoformat()) for one in made.deferred] == [("household", "2026-12-03")]
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    assert content.signature is not None
    assert len(content.signature.declared) == 4
    assert "2026" in content.signature.declared[3]
    assert len(made.content_sealed) < 16 * 1024
    (done,) = {
        (state.owed[0].due, state.receipt)
        for state in hall.person.seen
        if isinstance(state, view.Done) and state.receipt is view.Receipt.PRINTED
    }
    assert done[0] == date(2026, 12, 3)
    assert "2026-12-03" in str(hall.printer.driver.jobs[0])


# What is read of them -------------------------------------------------------------------------------------------------


class Reads:
    """Reads what the test says."""

    def __init__(self, values: dict[str, Field], seconds: float = 2.0) -> None:
        self.values, self.seconds = values, seconds
        self.asked: list[tuple[bytes, DocumentKind]] = []

    async def read_page(
        self,
        page: bytes,
        kind: DocumentKind,
        today: date,
        *,
        wanted: Collection[str] | None = None,
        captions: Mapping[str, Sequence[str]] | None = None,
        within: float = READ_WITHIN,
    ) -> Reading:
        assert today == date(2026, 11, 23)
        assert wanted
        assert not captions
        self.asked.append((page, kind))
        with anyio.move_on_after(within):
            await anyio.sleep(self.seconds)
            return Reading(kind, self.values)
        return Reading(kind, problem=TextProblem.TOO_LATE)


LICENCE = next(item for item in CATALOGUE.items if item.key == "medical-device-filing")


class Company(Citizen):
    """Answers what the paper says differently; writes down what was told."""

    differs: Intent = Next()

    def intent(self, state: object) -> Intent | None:
        match state:
            case view.CheckPaper() | view.ReadingPaper():
                return Next() if isinstance(state, view.CheckPaper) else None
            case view.PaperDiffers():
                self.told = state
                return self.differs
            case view.Review():
                return Next()
        return super().intent(state)  # type: ignore[arg-type]  # whatever is on the screen


async def test_what_the_paper_says_otherwise_is_asked_kindly_and_stops_nobody(hall: PaperHall) -> None:
    read = Reads({Key.CODE: Field("91110000600037341L", 0.9), Key.NAME: Field("示例市示范路一号", 0.9)})
    hall.desk = replace(hall.desk, reads=read)
    citizen = Company(hall, LICENCE)
    await hall.serve(citizen.walk)
    assert [(one.key, one.typed, one.read) for one in citizen.told.differing] == [
        ("company_name", "示例市示例路一号", "示例市示范路一号")
    ]
    assert read.asked == [(b"page 1", DocumentKind.LICENCE)]
    assert len(hall.notes.submissions) == 1


async def test_an_answer_is_changed_because_of_the_paper(hall: PaperHall) -> None:
    hall.desk = replace(hall.desk, reads=Reads({Key.NAME: Field("示例商贸有限公司", 0.9)}))

    class Changes(Company):
        def intent(self, state: object) -> Intent | None:
            if isinstance(state, view.PaperDiffers):
                self.answers["company_name"] = "示例商贸有限公司"
            return super().intent(state)

    changing = Changes(hall, LICENCE)
    changing.differs = view.Edit("company_name")
    await hall.serve(changing.walk)
    (made,) = hall.notes.submissions
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    assert content.answers["company_name"] == "示例商贸有限公司"


@pytest.mark.parametrize(
    "reads",
    [
        Reads({Key.NAME: Field("示例市示例路一号", 0.9)}),
        Reads({Key.NAME: Field("别的名字", 0.3)}),
        Reads({}),
        Reads({Key.NAME: Field("别的名字", 0.9)}, seconds=60.0),
    ],
    ids=["the same", "hardly read", "nothing read", "too slow"],
)
async def test_nobody_is_asked_without_reason(hall: PaperHall, reads: Reads) -> None:
    hall.desk = replace(hall.desk, reads=reads)
    await hall.serve(Company(hall, LICENCE).walk)
    assert not [state for state in hall.person.seen if isinstance(state, view.PaperDiffers)]
    assert len(hall.notes.submissions) == 1
