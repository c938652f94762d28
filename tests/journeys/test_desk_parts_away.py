"""When parts fail or people forget: camera away, disk full, a card left behind, and signatures of all sorts."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import anyio
import pytest

from drivers.errors import NoAnswer
from drivers.kinds import IdCard
from kiosk.desk.farewell import chime
from kiosk.desk.finding import closed
from kiosk.desk.journey import serve_one
from kiosk.desk.session import SessionOver
from kiosk.desk.signing import signature
from kiosk.view import desk as view
from kiosk.view.common import Back, Cause, OutOfService
from kiosk.wire.events import MOST_INK
from kiosk.wire.signature import svg
from tests.journeys.cast import Reader, Scripted, card
from tests.journeys.test_desk_drafts import Keeping, Shelf
from tests.journeys.test_desk_items import Citizen
from tests.journeys.test_desk_journey import CATALOGUE, SIGNED, Hall

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FREE_OF_PAPERS = next(item for item in CATALOGUE.items if item.key == "tax-record")


class Lying(Reader):
    """A card that lies there until somebody takes it away."""

    def __init__(self, lying: IdCard | None) -> None:
        super().__init__()
        self.lying = lying

    def read(self) -> IdCard | None:
        return self.lying


@dataclass
class Sound:
    played: list[bytes] = field(default_factory=list)
    broken: bool = False

    def play(self, wav: bytes, volume: float) -> None:
        assert 0 < volume <= 1
        if self.broken:
            raise NoAnswer("silent")
        self.played.append(wav)

    def hush(self) -> None:
        return None


@pytest.mark.parametrize("broken", [False, True], ids=["with sound", "without"])
@pytest.mark.parametrize("minutes", [0.2, 30])
async def test_who_leaves_a_card_behind_is_called_back(broken: bool, minutes: float) -> None:
    hall, sound = Hall(), Sound(broken=broken)
    reader = Lying(card())
    hall.desk = replace(hall.desk, reader=Scripted(reader), speaker=Scripted(sound))

    async def citizen() -> None:
        await Citizen(hall, FREE_OF_PAPERS).walk()
        while not (isinstance(hall.person.screen.state, view.TakeYourThings) and hall.person.screen.state.card_left):  # type: ignore[union-attr]
            await anyio.sleep(0.1)
        await anyio.sleep(60 * minutes)
        assert isinstance(hall.person.screen.state, view.TakeYourThings)  # type: ignore[union-attr]
        reader.lying = None
        await anyio.sleep_forever()

    await hall.serve(citizen)
    assert bool(sound.played) is not broken
    assert len(sound.played) <= 20 + minutes  # after a minute of calls only once a minute


async def test_who_goes_away_in_the_middle_is_called_back_too() -> None:
    hall = Keeping(Shelf())
    reader = Lying(card())
    hall.desk = replace(hall.desk, reader=Scripted(reader))
    over: list[str] = []

    async def serve() -> None:
        try:
            await serve_one(hall.desk)
        except SessionOver as ended:
            over.append(str(ended))

    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(serve)
            await hall.walk((view.ChooseItem, view.Choose(FREE_OF_PAPERS.key)))
            left = await hall.person.see(view.TakeYourThings)
            assert left.card_left
            assert not over  # nobody else is served with this card
            reader.lying = None
    assert over == ["idle"]


async def test_the_next_person_is_not_taken_for_a_card_left_behind() -> None:
    hall = Hall()
    reader = Lying(card())
    hall.desk = replace(hall.desk, reader=Scripted(reader))

    async def citizen() -> None:
        await Citizen(hall, FREE_OF_PAPERS).walk()
        reader.lying = card("110101199003070038", name="李华")
        await anyio.sleep_forever()

    await hall.serve(citizen)
    assert not any(isinstance(state, view.TakeYourThings) and state.card_left for state in hall.person.seen)


async def test_without_a_camera_items_that_need_papers_shrink_away() -> None:
    hall = Hall()
    there = [False]
    hall.desk = replace(hall.desk, camera=lambda: there[0])

    async def citizen() -> None:
        listed = await hall.person.see(view.ChooseItem)
        marks = [item.closed for item in listed.items]
        assert marks == sorted(marks)
        assert len(marks) == len(CATALOGUE.items)
        shut = {item.key for item in listed.items if item.closed}
        assert shut == {item.key for item in CATALOGUE.items if closed(item, camera=False)}
        assert "business-licence-change" in shut
        assert "tax-record" not in shut
        assert "home-visit" not in shut  # its paper may follow
        hall.person.touch(view.Choose("business-licence-change"))
        await anyio.sleep(1)
        assert isinstance(hall.person.screen.state, view.ChooseItem)  # type: ignore[union-attr]
        await hall.walk((view.ChooseItem, view.Choose(FREE_OF_PAPERS.key)), (view.Question, Back()))
        there[0] = True
        await hall.walk((view.ChooseItem, view.Choose("social-card-pin")))
        await hall.person.see(view.Question)

    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(serve_one, hall.desk)
            await citizen()
            group.cancel_scope.cancel()


async def test_a_full_disk_refuses_new_work_and_nothing_else() -> None:
    hall = Hall()
    room = [False]
    hall.desk = replace(hall.desk, room=lambda: room[0])

    async def citizen() -> None:
        told = await hall.person.see(OutOfService)
        assert told.cause is Cause.DISK
        await anyio.sleep(60)
        room[0] = True
        citizen = Citizen(hall, FREE_OF_PAPERS)
        await hall.person.see(view.ChooseItem)
        room[0] = False  # what was begun is finished
        await citizen.walk()

    await hall.serve(citizen)
    assert len(hall.notes.submissions) == 1


def test_the_sound_is_a_wav() -> None:
    assert chime()[:4] == b"RIFF"
    assert len(chime()) < 40_000


# Signatures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strokes",
    [(), ((),), (((0.5, 0.5),),), (((0.5, 0.5), (0.6, 0.5)),), (((float("nan"), 0.1), (float("inf"), 0.2)),)],
)
def test_a_touch_is_no_signature(strokes: tuple[tuple[tuple[float, float], ...], ...]) -> None:
    assert signature(view.Signed(strokes), (), NOW) is None


def test_a_signature_stays_within_its_bounds_and_keeps_its_shape() -> None:
    made = signature(SIGNED, ("declared",), NOW)
    assert made is not None
    assert made.strokes == ((100, 500, 599, 200, 899, 799), (1099, 400, 1798, 599))
    wild = tuple(
        tuple(((place * 37 % 1000) / 500, (place * 91 % 1000) / 1000) for place in range(600)) for _ in range(80)
    )
    large = signature(view.Signed(wild), ("declared",), NOW)
    assert large is not None
    assert sum(map(len, large.strokes)) <= MOST_INK
    assert len(large.strokes) == 80
    outside = signature(view.Signed((((-5.0, -5.0), (50.0, 50.0)),)), (), NOW)
    assert outside is not None
    assert outside.strokes == ((0, 0, outside.width, outside.height),)
    assert svg(made).count("<polyline") == 2
