"""One applicant, one item, from the card to the slip: they see the screen, act on it, and time what they wait for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

import anyio
import anyio.to_thread
from PIL import Image

from drivers.simulate.escpos_printer import EscPosSimulator, slip_text_qr
from drivers.simulate.payment_gateway import PaymentGatewayServer
from kiosk.demo.brought import Folder
from kiosk.demo.eyes import Eyes
from kiosk.demo.life import Life, NothingFits
from kiosk.demo.people import Invented
from kiosk.demo.street import DeskStreet, Faces, card_of
from kiosk.view import desk as view
from kiosk.view.address import PickPlace
from kiosk.view.afterwards import Act as DoAct
from kiosk.view.afterwards import Do, TakePhoto
from kiosk.view.common import Back, Next, Stay
from kiosk.view.screen import Intent, State, name_of, place_of
from kiosk.view.typing import Write

STUCK_SECONDS = 240.0
"""After so long an applicant gives up, and the demonstration says at which screen."""
FELT_SECONDS = 4.0
"""A touch that has changed nothing for so long is made again, as people do."""
INK = (((0.1, 0.5), (0.6, 0.2), (0.9, 0.8)), ((1.1, 0.4), (1.8, 0.6)))
"""Anybody's signature."""
_FORGETS = 4
"""Every fourth has left at home what may follow later."""
_HAND_SECONDS = 0.35
"""To lay something down, or to take it away."""


@dataclass
class Given:
    """What an applicant gave, and what they were told.

    Attributes:
        answers: by key of the question, the last that stood.
        papers: titles of the papers that were photographed, each with its pages in order: the numbers of their sides.
        later: titles of those that follow.
        paid_fen: what was paid by the code on the screen; None where nothing was asked.
        fen_asked: what the screen asked for.
        done: the last screen with the receipt.
        slip: what the printer gave.
        waits: what was waited for, in seconds, by kind of step, in order.
        differences: what was not as it should be, seen from the outside.
    """

    answers: dict[str, str] = field(default_factory=dict)
    papers: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
    paid_fen: int | None = None
    fen_asked: int | None = None
    done: view.Done | None = None
    slip: Image.Image | None = None
    qr: str = ""
    began: datetime | None = None
    waits: list[tuple[str, float]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    stuck_at: str = ""


Act = Callable[[], Awaitable[None]]


class ItemErrand:
    """One applicant with one item.

    Args:
        street: the desk's devices.
        eyes: what they see.
        faces: for the card's photo.
        person: who they are.
        item: key of what they come for, as it is listed.
        title: how they call it, where they have to search.
        gateway: where they pay.
        today: the day.
        serial: of the applicant.
        circumstances: how things stand with them; see `Life`.
        pace: seconds to read a screen; not counted.
    """

    def __init__(
        self,
        street: DeskStreet,
        eyes: Eyes,
        faces: Faces,
        person: Invented,
        item: str,
        title: str,
        gateway: PaymentGatewayServer,
        today: date,
        serial: int,
        seed: int,
        circumstances: Mapping[str, str] = MappingProxyType({}),
        pace: float = 0.15,
    ) -> None:
        self._street, self._eyes, self._faces, self._person = street, eyes, faces, person
        self._item, self._title, self._gateway, self._pace = item, title, gateway, pace
        self._life = Life(today, serial, circumstances)
        self.folder = Folder(serial, {"姓名": person.name, "证号": person.number}, seed)
        self.given = Given()
        self._serial = serial
        self._edited = False
        self._laid = ""
        self._paid: set[str] = set()
        self._slips = 0
        self._leaving = False

    async def run(self) -> Given:
        """Until the slip is in hand, or they give up."""
        try:
            with anyio.fail_after(STUCK_SECONDS):
                await self._run()
        except TimeoutError:
            self.given.stuck_at = str(self._eyes.state)[:300]
        except NothingFits as error:
            self.given.stuck_at = f"no answer fits: {error}"
        finally:
            self._street.reader.take_away()
            await self._lay_scene(self._street.empty)
        self.given.answers = dict(self._life.diary)
        return self.given

    async def _run(self) -> None:
        eyes = self._eyes
        await eyes.until(lambda state: isinstance(state, view.Start))
        self._slips = len(self._printer.slips)
        person = self._person
        self._street.reader.lay(card_of(person, self._faces.photo(person.face)))
        label, acted = "card", anyio.current_time()
        before: State = view.Start("", ())
        while not isinstance(eyes.state, view.TakeYourThings | view.Start) or not self._leaving:
            state, act = await self._turn(before)
            if act is None:
                return
            self.given.waits.append((label, anyio.current_time() - acted))
            await anyio.sleep(self._pace)
            label, before = _label(state), state
            await act()
            acted = anyio.current_time()

    @property
    def _printer(self) -> EscPosSimulator:
        printer = self._street.all["printer"]
        if not isinstance(printer, EscPosSimulator):
            raise TypeError("this needs a printer whose slips can be looked at")
        return printer

    async def _turn(self, before: State) -> tuple[State, Act | None]:
        """Wait until the screen wants something of us again; None when we may leave.

        Args:
            before: what we acted on.
        """
        eyes, generation = self._eyes, self._eyes.generation
        while True:
            state = await eyes.until(lambda _: True, generation)
            if self._leaving and isinstance(state, view.TakeYourThings | view.Start):
                return state, None
            act = await self._act(state)
            same = place_of(state) == place_of(before)
            if act is not None and (not same or (state != before and self._asks_again(state))):
                return state, act
            with anyio.move_on_after(FELT_SECONDS) as felt:
                await eyes.after(state, generation)
            if felt.cancelled_caught and act is not None:
                return state, act

    def _asks_again(self, state: State) -> bool:
        """The same place with something to mend, or with another code to pay."""
        if isinstance(state, Write | PickPlace):
            state = state.question
        match state:
            case view.Question(problem=problem):
                return problem is not view.AnswerProblem.NONE
            case view.Review() | view.SavedDrafts() | view.FindItem() | view.ChooseItem():
                return True
            case view.Done(receipt=receipt):
                return receipt is not view.Receipt.PRINTING
        return False

    # What one does ----------------------------------------------------------------------------------------------

    async def _act(self, state: State) -> Act | None:  # noqa: PLR0911  one line a kind of screen
        match state:
            case view.CapturePaper():
                return self._lay(state)
            case view.PayFee():
                return self._pay(state)
            case view.Done(receipt=receipt) if receipt is not view.Receipt.PRINTING:
                return lambda: self._take_slip(state)
            case view.Question() | Write() | PickPlace():
                question = state.question if isinstance(state, Write | PickPlace) else state
                return lambda: self._answer(question)
            case view.CheckPaper():
                return lambda: self._check_paper(state)
            case view.Start(problem=problem) if problem != "none":
                return self._lay_again
        intent = self._intent(state)
        return None if intent is None else (lambda: self._eyes.touch(intent))

    def _intent(self, state: State) -> Intent | None:  # noqa: PLR0911  one line a screen
        match state:
            case view.ChooseItem(items=items):
                return view.Choose(self._item) if self._item in {i.key for i in items} else view.Browse(view.By.SEARCH)
            case view.FindItem(found=found, typed=typed):
                return view.Choose(self._item) if typed and found else view.SearchFor(self._title)
            case view.NotEligible():
                self._refused()
                return Back()
            case view.Review(rows=rows):
                return self._reviewed([row.key for row in rows])
            case view.Sign():
                return view.Signed(INK)
            case (
                view.BeforeYouStart()
                | view.ItemChanged()
                | view.DraftKept()
                | view.SavedDrafts()
                | view.PaperDiffers()
                | view.PaperPages()
                | view.ResultHere()
            ):
                return Next()
            case view.StillThere():
                return Stay()
            case TakePhoto(instead=True):
                return Do(DoAct.LAY)
        return None

    async def _lay_again(self) -> None:
        """The card was not read: once more."""
        self._street.reader.take_away()
        await anyio.sleep(_HAND_SECONDS)
        self._street.reader.lay(card_of(self._person, self._faces.photo(self._person.face)))

    async def _answer(self, question: view.Question) -> None:
        anew = self._edited and question.key == "phone" and self._life.diary.get("phone") == question.value
        self._asked = question.key
        await self._eyes.touch(view.Answer(question.key, self._life.say(question, anew=anew)))

    def _refused(self) -> None:
        """One does not qualify with what was said last."""
        self._life.refuse(self._asked)

    def _reviewed(self, keys: list[str]) -> Intent:
        """Everything is right; but for the telephone, of which one thinks better once."""
        if not self._edited and "phone" in keys:
            self._edited = True
            return view.Edit("phone")
        return Next()

    # Papers -----------------------------------------------------------------------------------------------------

    def _lay(self, state: view.CapturePaper) -> Act | None:
        place = place_of(state)
        title = state.title.zh_hans
        if self._laid == place:
            return None
        if state.later and self._serial % _FORGETS == 0:
            return lambda: self._later(title)
        return lambda: self._lay_page(state, place)

    async def _later(self, title: str) -> None:
        self.given.later.append(title)
        await self._eyes.touch(view.BringLater())

    async def _lay_page(self, state: view.CapturePaper, place: str) -> None:
        title, side = state.title.zh_hans, state.side.value
        leaf = self.folder.leaf(title, state.page, side)
        self.folder.laid.append((title, state.page, side))
        await self._lay_scene(self._street.empty)
        await anyio.sleep(_HAND_SECONDS)
        await self._lay_scene(leaf.scene)
        pages = self.given.papers.setdefault(title, [])
        if side == view.Side.BACK:
            pages[-1] = (*pages[-1], leaf.number)
        else:
            del pages[state.page - 1 :]
            pages.append((leaf.number,))
        self._laid = place

    async def _lay_scene(self, scene: object) -> None:
        await anyio.to_thread.run_sync(setattr, self._street.camera, "scene", scene)

    async def _check_paper(self, state: view.CheckPaper) -> None:
        """Take the page away, look at the picture, and lay the next one when there is one."""
        self._laid = ""
        await self._lay_scene(self._street.empty)
        await anyio.sleep(_HAND_SECONDS)
        more = state.count < self.folder.pages(state.title.zh_hans, state.most)
        await self._eyes.touch(view.AddPage() if more else Next())

    # Money and slip ---------------------------------------------------------------------------------------------

    def _pay(self, state: view.PayFee) -> Act | None:
        self.given.fen_asked = state.fen
        match state.state:
            case view.PayState.WAITING if state.qr and state.qr not in self._paid:
                return lambda: self._scan_and_pay(state)
            case view.PayState.LINE_DOWN | view.PayState.EXPIRED:
                return lambda: self._eyes.touch(view.PayAgain())
            case view.PayState.NOT_POSSIBLE:
                return lambda: self._eyes.touch(view.PayAtWindow())
        return None

    async def _scan_and_pay(self, state: view.PayFee) -> None:
        self._paid.add(state.qr)
        await anyio.to_thread.run_sync(self._gateway.pay, state.qr)
        self.given.paid_fen = (self.given.paid_fen or 0) + state.fen

    async def _take_slip(self, state: view.Done) -> None:
        given = self.given
        given.done = state
        if state.receipt is view.Receipt.PRINTED:
            slips = self._printer.slips[self._slips :]
            if len(slips) != 1:
                given.differences.append(f"{len(slips)} slips came out of the printer")
            if slips:
                given.slip = slips[-1]
                given.qr = await anyio.to_thread.run_sync(slip_text_qr, slips[-1])
        else:
            given.differences.append(f"the receipt was not printed: {state.receipt}, {state.problem}")
        self._leaving = True
        self._street.reader.take_away()
        await self._eyes.touch(Next())


_LABELS = {
    "desk.CapturePaper": "paper",
    "desk.CheckPaper": "paper_kept",
    "desk.Question": "answer",
    "typing.Write": "answer",
    "address.PickPlace": "answer",
    "desk.Review": "check",
    "desk.Sign": "hand_in",
    "desk.Confirm": "hand_in",
    "desk.PayFee": "pay",
    "desk.ChooseItem": "choose",
    "desk.FindItem": "choose",
    "desk.Done": "leave",
}
"""What is waited for after acting on a screen."""


def _label(state: State) -> str:
    return _LABELS.get(name_of(state), "told")
