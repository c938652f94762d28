"""What is printed on the pages goes into their documents, and never costs the person anything."""

from dataclasses import replace
from datetime import UTC, datetime

import anyio
import pytest

from kiosk.desk.draft import Page
from kiosk.desk.session import SessionOver
from kiosk.desk.transcript import Transcript
from kiosk.view import desk as view
from kiosk.view.common import Cancel, Next
from kiosk.vision.observation import SightLost
from kiosk.vision.reading import LINES_WITHIN, PageLines, PrintedLine, TextProblem
from tests.journeys.test_desk_journey import ANSWERS, CHOOSE, HAND_IN, LATER, TOLD, finish
from tests.journeys.test_desk_papers import Counted, PaperHall

pytestmark = pytest.mark.anyio
CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 2.0), (0.0, 2.0))


class Lines:
    """Reads on each page its own bytes, in `seconds`."""

    def __init__(self, seconds: float = 3.0) -> None:
        self.seconds = seconds
        self.asked: list[bytes] = []
        self.lost: Exception | None = None
        self.cancelled = 0

    async def read_lines(self, page: bytes, *, within: float = LINES_WITHIN) -> PageLines:
        self.asked.append(page)
        if self.lost is not None:
            raise self.lost
        try:
            with anyio.move_on_after(within):
                await anyio.sleep(self.seconds)
                return PageLines((PrintedLine(page.decode(), CORNERS),))
        except BaseException:
            self.cancelled += 1
            raise
        return PageLines(problem=TextProblem.TOO_LATE)


class ReadingHall(PaperHall):
    def __init__(self) -> None:
        super().__init__()
        self.lines = Lines()
        self.desk = replace(self.desk, lines=self.lines)

    def read(self) -> list[tuple[str, ...]]:
        """What the pages of the one paper say, in their order."""
        ((sheets, _),) = self.binder.bound
        return [tuple(line.text for line in sheet.lines) for sheet in sheets]


@pytest.fixture
def hall() -> ReadingHall:
    return ReadingHall()


async def test_pages_are_read_meanwhile_and_keep_their_lines_when_moved(hall: ReadingHall) -> None:
    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()), (view.CheckPaper, view.AddPage()))
        await hall.walk((view.CheckPaper, view.ShowPages()), (view.PaperPages, view.MovePage(3, 1)))
        await hall.person.see(view.PaperPages)
        await anyio.sleep(15.0)
        await hall.walk((view.PaperPages, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.lines.asked == [b"page 1", b"page 2", b"page 3"]
    assert hall.read() == [("page 3",), ("page 1",), ("page 2",)]
    assert hall.handed_in() == [("contract", 3, b"page 3|page 1|page 2")]


@pytest.mark.parametrize("lost", [None, SightLost("vision"), ValueError("unheard of")], ids=["slow", "lost", "broken"])
async def test_handing_in_waits_for_no_text_layer(hall: ReadingHall, lost: Exception | None) -> None:
    hall.lines.seconds, hall.lines.lost = 10_000.0, lost

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()), (view.CheckPaper, Next()))
        await hall.walk(LATER, HAND_IN)
        began = anyio.current_time()
        await finish(hall)
        assert anyio.current_time() - began < 5.0

    await hall.serve(citizen)
    assert hall.read() == [(), ()]
    assert hall.handed_in() == [("contract", 2, b"page 1|page 2")]
    assert hall.lines.cancelled == (lost is None)  # the reading ends with the session


async def test_a_page_that_was_taken_again_is_not_read_in_vain(hall: ReadingHall) -> None:
    hall.lines.seconds = 30.0

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()))
        await hall.walk((view.CheckPaper, view.Retake()))
        again = await hall.person.see(view.CheckPaper)
        assert again.page == b"preview 3"
        for _ in range(4):  # they look at it for long
            await anyio.sleep(20.0)
            hall.person.touch(view.ShowPage(1))
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert hall.lines.asked == [b"page 1", b"page 3"]
    assert hall.read() == [("page 1",), ("page 3",)]


async def test_a_session_that_ends_early_ends_the_reading(hall: ReadingHall) -> None:
    hall.lines.seconds = 10_000.0

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, Cancel()))

    with pytest.RaisesGroup(pytest.RaisesExc(SessionOver, match="cancelled")):
        await hall.serve(citizen)
    assert hall.lines.cancelled == len(hall.lines.asked) == 1


async def test_who_waits_for_a_reading_of_their_own_goes_first() -> None:
    lines = Lines(3.0)
    transcript = Transcript(lines)
    one = Page(await Counted().take_page(), datetime(2026, 11, 23, tzinfo=UTC))
    async with anyio.create_task_group() as group:
        group.start_soon(transcript.run)
        transcript.want([one, one])
        await anyio.sleep(1.0)
        async with transcript.aside():
            await anyio.sleep(20.0)
            assert lines.cancelled == 1
            assert transcript.sheet(one).lines == ()
        await anyio.sleep(4.0)
        assert transcript.settled
        assert transcript.sheet(one).lines == (PrintedLine("page 1", CORNERS),)
        group.cancel_scope.cancel()
    assert lines.asked == [b"page 1"] * 2
