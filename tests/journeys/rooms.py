"""The rooms of the journeys: desks put up as each needs them, and what people do there besides touching the screen."""

from dataclasses import replace
from functools import cache

import anyio
import msgspec

from kiosk.desk.draft import Draft
from kiosk.desk.keeping import expiry, sealed
from kiosk.input.pack import Pack
from kiosk.input.writer import Engines
from kiosk.store.shelf import StoredDraft
from kiosk.view import afterwards as after
from kiosk.view import desk as view
from kiosk.view.common import Next
from kiosk.view.typing import Key, Pick, Write
from kiosk.vision.id_photo_result import IdPhoto, PhotoProblem
from kiosk.vision.observation import PaperPage, PaperProblem
from kiosk.vision.reading import Field
from kiosk.vision.reading import Key as Read
from kiosk.wire.answers import asked
from kiosk.wire.catalogue import Catalogue, Item
from kiosk.wire.events import DraftHandedOver, OpinionKind
from kiosk.wire.progress import Mine, MyOpinion, ResultFile, Standing, WhoAsks
from kiosk.wire.requests import LineDown, NotDone, OrderState
from tests.journeys.after_cast import FUND, PERSON, START, Papers, jpeg, returned, submission
from tests.journeys.after_cast import Faces as AnyFaces
from tests.journeys.cast import card
from tests.journeys.test_desk_fee import Office
from tests.journeys.test_desk_items import CATALOGUE, script
from tests.journeys.test_desk_journey import SIGNED
from tests.journeys.test_desk_papers import Reads
from tests.journeys.walker import Scene


def item(key: str) -> Item:
    found = CATALOGUE.item(key)
    assert found is not None
    return found


# What is done in the room ---------------------------------------------------------------------------------------------


def lay(scene: Scene) -> None:
    """The card is laid on the reader."""
    scene.lay()


def lay_page(scene: Scene) -> None:
    """A page is laid on the mat; it shoots by itself."""
    state = scene.state
    assert isinstance(state, view.CapturePaper)
    if state.hint is not view.PaperHint.GOOD:  # it lies there
        scene.sight.paper = PaperProblem.NONE


def pay(scene: Scene) -> None:
    """The code is scanned with a telephone."""
    scene.cashier.pay()


def new_code(scene: Scene) -> None:
    """The gateway has closed the order whose code has expired; a new one is asked for."""
    for order, known in scene.cashier.orders.items():
        if known.state is OrderState.WAITING:
            scene.cashier._set(order, OrderState.CLOSED)
    scene.person.touch(view.PayAgain())


def look_ahead(scene: Scene) -> None:
    """Somebody steps before the camera."""
    scene.faces.away = False  # type: ignore[attr-defined]  # the table's own camera


def write(scene: Scene) -> None:
    """A word in pinyin, and its first candidate."""
    state = scene.state
    assert isinstance(state, Write)
    if state.composing:
        scene.person.touch(Pick(0))
    else:
        scene.person.touch(Next() if len(state.text) > 5 else Key("shilishi"))


def find(scene: Scene) -> None:
    """Search by initials, and take what was found."""
    state = scene.state
    assert isinstance(state, view.FindItem)
    scene.person.touch(view.Choose(FUND) if state.typed else view.SearchFor("gjj"))


def months(scene: Scene) -> None:
    """First something that disqualifies, then the truth."""
    state = scene.state
    assert isinstance(state, view.Question)
    scene.person.touch(view.Answer("months", "yes" if state.value else "no"))


def order_pages(scene: Scene) -> None:
    """The second page becomes the first, once."""
    moved = getattr(scene, "moved", False)
    scene.moved = True  # type: ignore[attr-defined]  # of this table
    scene.person.touch(Next() if moved else view.MovePage(2, 1))


def copies(scene: Scene) -> None:
    state = scene.state
    assert isinstance(state, after.Copies)
    scene.person.touch(after.Do(after.Act.PRINT if state.pages > 1 else after.Act.ADD))


# Desks ----------------------------------------------------------------------------------------------------------------


class Mat(Papers):
    """A page is there when it was laid down, and is taken away as soon as it was photographed."""

    def __init__(self) -> None:
        super().__init__()
        self.paper = PaperProblem.NO_PAPER
        self.taken = 0

    async def take_page(self) -> PaperPage:
        self.paper = PaperProblem.NO_PAPER
        self.taken += 1
        return PaperPage(1, jpeg(60 + self.taken), jpeg(60 + self.taken))


class Camera(AnyFaces):
    """Nobody stands before it, until somebody does."""

    away = True

    async def take_id_photo(self, after: int, wanted: str = "id_card") -> IdPhoto:
        if self.away:
            await anyio.sleep(0.3)
            return IdPhoto(after + 1, (PhotoProblem.NO_FACE,), None)
        return await super().take_id_photo(after, wanted)


def desk(kind: type[Scene] = Scene) -> Scene:
    scene = kind()
    scene.camera = scene.sight = Mat()
    scene.faces = Camera()
    assert scene.desk.after is not None
    scene.changes(sight=scene.sight, after=replace(scene.desk.after, photos=scene.faces))
    return scene


def deciding() -> Scene:
    """Somebody at the office decides after a while."""
    scene = desk()
    scene.cashier.standings = [Standing.RECEIVED, Standing.RECEIVED, Standing.GRANTED]
    return scene


class Deciding(Office):
    """Decides while somebody waits, and has the result as a document."""

    async def mine(self, who: WhoAsks, number: str = "") -> Mine | NotDone | LineDown:
        found = await super().mine(who, number)
        if not isinstance(found, Mine) or found.submissions[0].standing is not Standing.RESULT:
            return found
        file = ResultFile(place=1, title="纳税记录", bytes=10, uploaded=START)
        shown = msgspec.structs.replace(found.submissions[0], results=(file,))
        return msgspec.structs.replace(found, submissions=(shown,))

    async def result(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        return b"%PDF-1.7 result"

    async def result_page(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        return jpeg()


def with_result() -> Scene:
    """The result is there after a while."""
    scene = desk()
    scene.cashier = Deciding(scene.desk, standings=[Standing.RECEIVED, Standing.RESULT])
    scene.changes(office=scene.cashier)
    return scene


def print_result(scene: Scene) -> None:
    """It is printed once, and then the receipt is wanted."""
    state = scene.state
    assert isinstance(state, view.ResultHere)
    scene.person.touch(view.PrintResult() if state.printed is view.Printed.NOT_YET else Next())


class Windows:
    """Takes drafts that go on at a window; the desk's own copy is destroyed with it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    async def hand_over(self, made: DraftHandedOver, person: str) -> None:
        await self.scene.shelf.drop(person, made.item)


def with_windows() -> Scene:
    scene = desk()
    scene.changes(windows=Windows(scene))
    return scene


def reading() -> Scene:
    """The licence says another name than was filled in."""
    scene = desk()
    scene.changes(reads=Reads({Read.NAME: Field("示例市示范路一号", 0.9)}))
    return scene


def writing() -> Scene:
    """Texts are written in pinyin."""
    scene = desk()
    scene.changes(writing=_engines())
    return scene


@cache
def _engines() -> Engines:
    return Engines(Pack())


class Changing(Scene):
    """The hub has published another edition as soon as somebody has signed once."""

    def __init__(self) -> None:
        super().__init__()
        changed = msgspec.structs.replace(item("tax-record"), version=2, accepts_version=2)
        items = tuple(changed if one.key == changed.key else one for one in CATALOGUE.items)
        newer = Catalogue(version=2, items=items, life_events=CATALOGUE.life_events)
        self.signs = 0
        self.changes(catalogue=lambda: newer if self.signs else CATALOGUE)


def signs(scene: Scene) -> None:
    """It is signed; the office has just changed the item."""
    assert isinstance(scene, Changing)
    scene.signs += 1
    scene.person.touch(SIGNED)


def kept() -> Scene:
    """Something was begun another day."""
    scene = desk()
    given = script(item(FUND))
    form = [query.key for query in asked(item(FUND), given)][:3]
    settled = tuple((key, given[key]) for key in ("months", "owner") if key in given)
    draft = Draft(card(), item(FUND), START, (*settled, *((key, given[key]) for key in form)))
    scene.shelf.drafts[PERSON, FUND] = StoredDraft(
        PERSON, FUND, 1, START, expiry(item(FUND), START), True, sealed(draft, b"h" * 32)
    )
    return scene


def asked_for_more() -> Scene:
    scene = desk()
    scene.office.submissions = [returned()]
    return scene


def handed_in_before() -> Scene:
    scene = desk()
    scene.office.submissions = [submission()]
    scene.office.opinions = [MyOpinion(code="K7QM2VTR", kind=OpinionKind.SUGGESTION, at=START, reply="已经改了。")]
    return scene
