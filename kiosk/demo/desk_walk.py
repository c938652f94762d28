"""An applicant at the desk: what they do when they see what the screen says."""

import random
from dataclasses import dataclass, field

import anyio
import anyio.to_thread

from drivers.kinds import Paper
from drivers.simulate.contract import Garble
from kiosk.demo.answers import Sayings
from kiosk.demo.eyes import Eyes, TerminalGone
from kiosk.demo.people import Applicant, DeskCase
from kiosk.demo.street import DeskStreet, Faces, Papers, card_of
from kiosk.view import desk as view
from kiosk.view.address import PickPlace
from kiosk.view.afterwards import Act as DoAct
from kiosk.view.afterwards import Do, TakePhoto
from kiosk.view.common import Back, CardProblem, Next, Stay
from kiosk.view.screen import Intent, State
from kiosk.view.typing import Write

STUCK_SECONDS = 180.0
"""After so long without a receipt a person gives up, and the demonstration says so."""
SIGNED = view.Signed((((0.1, 0.5), (0.6, 0.2), (0.9, 0.8)), ((1.1, 0.4), (1.8, 0.6))))
"""Anybody's signature."""
_FAMILIAR = 3
"""So many of the first items of the list people come for: those need papers, so that the camera is used."""


@dataclass
class Application:
    """What became of an application, as the applicant saw it.

    Attributes:
        number: the receipt number they were shown.
        receipt: `printed`, `shown` or `shown_then_printed`.
        interrupted: how often the terminal went away in the middle.
    """

    applicant: Applicant
    number: str = ""
    receipt: str = ""
    interrupted: int = 0
    numbers: list[str] = field(default_factory=list)
    stuck_at: str = ""


class Errand:
    """One person's errand at the desk."""

    def __init__(
        self, street: DeskStreet, eyes: Eyes, faces: Faces, papers: Papers, applicant: Applicant, pace: float
    ) -> None:
        self._street, self._eyes, self._faces, self._papers = street, eyes, faces, papers
        self._applicant, self._case, self._pace = applicant, applicant.case, pace
        self.application = Application(applicant)
        self._went_back = False
        self._reprinted = False
        self._camera_away = False
        self._edited = False
        self._said = Sayings()

    async def run(self) -> Application:
        """Try until a receipt is in hand."""
        while not self.application.receipt:
            try:
                with anyio.fail_after(STUCK_SECONDS):
                    await self._try()
            except TimeoutError:
                self.application.receipt = "stuck"
                self.application.stuck_at = str(self._eyes.state)[:200]
            except TerminalGone:
                self.application.interrupted += 1
            finally:
                self._leave()
        return self.application

    async def _try(self) -> None:
        eyes, street = self._eyes, self._street
        await eyes.until(lambda state: isinstance(state, view.Start))
        generation = eyes.generation
        if self._case is DeskCase.CARD_TAKEN_MID_READ and not self.application.interrupted:
            street.reader.snatch()
        self._lay()
        state: State | None = eyes.state
        while True:
            if isinstance(state, view.TakeYourThings):
                return
            if isinstance(state, view.Start) and state.problem is not CardProblem.NONE:
                street.reader.take_away()
                await anyio.sleep(0.4)
                self._lay()
            intent = await self._intent(state) if state is not None else None
            if intent is not None:
                await anyio.sleep(self._pace)
                await eyes.touch(intent)
            state = await self._next(state, intent, generation)

    async def _next(self, state: State | None, intent: Intent | None, generation: int) -> State:
        """What comes after; a touch that was not felt is made again, as people do."""
        while True:
            with anyio.move_on_after(3.0):
                return await self._eyes.after(state, generation)
            if intent is not None and self._eyes.generation == generation:
                await self._eyes.touch(intent)

    def _lay(self) -> None:
        person = self._applicant.person
        self._street.reader.lay(card_of(person, self._faces.photo(person.face)))

    async def _intent(self, state: State) -> Intent | None:  # noqa: C901, PLR0911, PLR0912  one line a screen
        match state:
            case view.ChooseItem(items=items):
                return view.Choose(items[self._applicant.item % min(_FAMILIAR, len(items))].key)
            case view.SavedDrafts(drafts=drafts):
                return view.Choose(drafts[0].key)
            case view.NotEligible():
                return Back()
            case view.BeforeYouStart() | view.ItemChanged() | view.DraftKept():
                return Next()
            case view.Question():
                return self._answer(state)
            case Write(question=question) | PickPlace(question=question):
                return self._answer(question)
            case view.CapturePaper():
                await self._lay_paper(state)
                return None
            case view.CheckPaper():
                return Next()
            case view.Review(rows=rows):
                if self._case is DeskCase.GOES_BACK and not self._edited:
                    self._edited = True
                    return view.Edit(next(row.key for row in rows if row.key == "phone"))
                return Next()
            case view.Sign():
                return SIGNED
            case view.PaperDiffers() | view.PaperPages() | view.Deciding():
                return Next()
            case TakePhoto(instead=True):
                return Do(DoAct.LAY)
            case view.ResultHere():
                return Next()
            case view.PayFee(state=how) if how not in (view.PayState.ASKING, view.PayState.PAID):
                return view.PayAtWindow()
            case view.Done():
                return self._take_receipt(state)
            case view.StillThere():
                return Stay()
            case _:
                return None

    def _answer(self, state: view.Question) -> Intent:
        form = state.part is view.Part.FORM
        if self._case is DeskCase.GOES_BACK and form and state.step == 3 and not self._went_back:
            self._went_back = True
            return Back()
        return view.Answer(state.key, self._said.say(state))

    async def _lay_paper(self, state: view.CapturePaper) -> None:
        camera, kind = self._street.camera, self._applicant.item % len(self._papers.whole)
        if self._case is DeskCase.CAMERA_UNPLUGGED and not self._camera_away:
            self._camera_away = True
            await anyio.to_thread.run_sync(camera.unplug)
            await anyio.sleep(2.5)
            await anyio.to_thread.run_sync(camera.replug)
        half = self._case is DeskCase.HALF_A_PAPER and state.hint is view.PaperHint.LAY_DOWN
        wanted = self._papers.half[kind] if half else self._papers.whole[kind]
        if camera.scene is not wanted:
            await anyio.to_thread.run_sync(setattr, camera, "scene", wanted)

    def _take_receipt(self, state: view.Done) -> Intent | None:
        application, printer = self.application, self._street.printer
        if state.receipt is view.Receipt.PRINTING:
            return None
        application.number = state.number
        if state.number not in application.numbers:
            application.numbers.append(state.number)
        if state.receipt is view.Receipt.PRINTED:
            application.receipt = "shown_then_printed" if self._reprinted else "printed"
            return Next()
        if state.problem is view.PrinterProblem.PAPER_OUT and not self._reprinted:
            self._reprinted = True
            printer.paper = Paper.OK
            return view.Reprint()
        application.receipt = "shown"
        return Next()

    def arm(self) -> None:
        """Break what this case breaks, before the receipt is printed."""
        if self._case is DeskCase.PAPER_OUT:
            self._street.printer.paper = Paper.OUT
        if self._case is DeskCase.PRINTER_GARBAGE:
            self._street.printer.garble(Garble.GARBAGE)

    def _leave(self) -> None:
        self._street.reader.take_away()
        self._street.printer.paper = Paper.OK


async def errands(
    street: DeskStreet,
    eyes: Eyes,
    faces: Faces,
    papers: Papers,
    applicants: list[Applicant],
    rng: random.Random,
    pace: float,
) -> list[Application]:
    """One after the other.

    Args:
        pace: seconds a person takes to read a screen.
    """
    done: list[Application] = []
    for applicant in applicants:
        errand = Errand(street, eyes, faces, papers, applicant, pace)
        errand.arm()
        done.append(await errand.run())
        await anyio.to_thread.run_sync(setattr, street.camera, "scene", street.empty)
        await anyio.sleep(rng.uniform(0.0, pace))
    return done
