"""Go on at a window: the code is shown and printed, the copy and the key are gone."""

import io
from dataclasses import dataclass, field, replace

import anyio
import msgspec
import pytest

from drivers.errors import DeviceFault, Effect
from kiosk.view import desk as view
from kiosk.view.common import Next
from kiosk.wire.events import DraftHandedOver
from kiosk.wire.window import HandedDraft, NotADraft, new_secret, opened, secret_of
from tests.journeys.test_desk_drafts import Keeping, Shelf
from tests.journeys.test_desk_journey import ANSWERS, CHOOSE, TOLD

pytestmark = pytest.mark.anyio
KEY = "housing-fund-withdrawal"


@dataclass
class Windows:
    """The store's end."""

    shelf: Shelf
    sent: list[tuple[DraftHandedOver, str]] = field(default_factory=list)

    async def hand_over(self, made: DraftHandedOver, person: str) -> None:
        self.sent.append((made, person))
        await self.shelf.drop(person, made.item)


class Leaving(Keeping):
    def __init__(self) -> None:
        super().__init__(Shelf())
        self.windows = Windows(self.shelf)
        self.is_offline = False
        self.desk = replace(self.desk, windows=self.windows, offline=lambda: self.is_offline)

    async def until(self, receipt: view.Receipt) -> view.AtWindow:
        while True:
            shown = await self.person.see(view.AtWindow)
            if shown.receipt is receipt:
                return shown
            await anyio.sleep(0.05)

    async def save(self) -> None:
        await self.walk(CHOOSE, *TOLD, *ANSWERS[:3], (view.Question, view.SaveForLater()))
        kept = await self.person.see(view.DraftKept)
        assert kept.window
        self.person.touch(view.ToWindow())


async def test_the_code_opens_everything_and_nothing_is_left_here(written: io.StringIO) -> None:
    hall = Leaving()
    codes: list[str] = []

    async def citizen() -> None:
        await hall.save()
        shown = await hall.until(view.Receipt.PRINTED)
        codes.append(shown.qr)
        assert shown.until.isoformat() == "2026-11-30"
        hall.person.touch(view.Reprint())
        while len(hall.printer.driver.jobs) < 2:
            await anyio.sleep(0.05)
        await hall.until(view.Receipt.PRINTED)
        hall.person.touch(Next())

    assert await hall.visit(citizen) == "at a window"
    ((made, person),) = hall.windows.sent
    (body,) = hall.notes.papers
    draft = opened(body, secret_of(codes[0]))
    assert (draft.item, draft.person.name) == (KEY, "王小明")
    assert draft.answers["amount"] == "12000"
    assert made.bytes == len(body)
    assert person
    assert not hall.shelf.drafts
    with pytest.raises(NotADraft):
        opened(body, new_secret())
    first, again = hall.printer.driver.jobs
    assert first == again
    assert codes[0] in str(first)
    assert "王小明" not in str(first)
    said = written.getvalue()
    assert "key of a draft for a window is destroyed" in said
    letters = codes[0].removeprefix("KW1:")
    assert letters not in said
    assert letters not in msgspec.json.encode(made).decode()


async def test_no_printer_and_no_line_are_said_and_the_code_stays_on_the_screen() -> None:
    hall = Leaving()
    hall.printer.driver.fault = DeviceFault("paper_out", effect=Effect.NO)
    hall.is_offline = True

    async def citizen() -> None:
        await hall.save()
        shown = await hall.until(view.Receipt.ON_SCREEN)
        assert (shown.problem, shown.offline) == (view.PrinterProblem.PAPER_OUT, True)
        hall.person.touch(Next())

    assert await hall.visit(citizen) == "at a window"


async def test_leaving_the_screen_alone_ends_it_and_the_draft_is_with_the_office() -> None:
    hall = Leaving()

    async def citizen() -> None:
        await hall.save()
        await hall.until(view.Receipt.PRINTED)

    assert await hall.visit(citizen) == "at a window"  # nobody touched anything: the screen is wiped
    assert len(hall.windows.sent) == 1
    assert isinstance(opened(hall.notes.papers[0], _secret(hall)), HandedDraft)


def _secret(hall: Leaving) -> bytearray:
    shown = [state for state in hall.person.seen if isinstance(state, view.AtWindow)]
    return secret_of(shown[-1].qr)
