"""An application that wants a photograph of the person: taken here to the document's rules, or brought along."""

from collections.abc import Sequence
from dataclasses import replace

import anyio
import pytest

from kiosk.view import afterwards as after
from kiosk.view import desk as view
from kiosk.view.afterwards import Act, Do
from kiosk.view.common import Back, Next
from kiosk.view.screen import Intent, State
from kiosk.vision.id_photo_result import PhotoProblem
from kiosk.wire.sealing import unseal
from tests.journeys.after_cast import Faces, jpeg
from tests.journeys.test_desk_items import CATALOGUE, Citizen
from tests.journeys.test_desk_journey import SECRET
from tests.journeys.test_desk_papers import Binder
from tests.journeys.walker import Scene

pytestmark = pytest.mark.anyio
ITEM = next(item for item in CATALOGUE.items if item.key == "operator-licence-renewal")
WANTED = {
    "operator-licence-renewal": "id_card",
    "social-card-replacement": "social_card",
    "temporary-id-card": "id_card",
}


class Sitter(Citizen):
    """Does at the photograph what the test says, screen by screen."""

    def __init__(self, scene: Scene, acts: Sequence[Intent] = ()) -> None:
        super().__init__(scene, ITEM)
        self.acts = list(acts)

    def intent(self, state: State) -> Intent | None:
        match state:
            case after.TakePhoto():
                return self.acts.pop(0) if self.acts and not isinstance(self.acts[0], view.Retake) else None
            case view.CheckPaper(title=title) if self.acts and title.zh_hans == "近期证件照":
                return self.acts.pop(0)
            case view.CheckPaper() | view.Review():
                return Next()
            case view.Question() | view.BeforeYouStart() | view.Sign():
                self.been |= {
                    (type(state).__name__, f"{state.part}{state.key}" if isinstance(state, view.Question) else "")
                }
        return super().intent(state)


def scene_with(found: Sequence[tuple[PhotoProblem, ...]] = ()) -> tuple[Scene, Binder]:
    scene, binder = Scene(), Binder()
    scene.lay()
    scene.faces = Faces(list(found))
    assert scene.desk.after is not None
    scene.changes(binder=binder, after=replace(scene.desk.after, photos=scene.faces))
    return scene, binder


async def handed_in(scene: Scene, sitter: Sitter) -> dict[str, tuple[str, bytes]]:
    """What was handed in: device and content by kind."""
    with anyio.fail_after(50_000_000):
        await scene.visit(sitter.walk, leaves=True)
    (made,) = scene.notes.submissions
    opened = [unseal(paper, SECRET) for paper in scene.notes.papers]
    return {paper.kind: (paper.device, data) for paper, data in zip(made.papers, opened, strict=True)}


def test_the_items_that_want_one_say_to_which_rules() -> None:
    found = {item.key: paper.photo for item in CATALOGUE.items for paper in item.papers if paper.photo}
    assert found == WANTED


async def test_it_is_taken_here_and_handed_in_as_it_was_cut() -> None:
    scene, binder = scene_with([(PhotoProblem.TILTED,), (PhotoProblem.GLASSES_GLARE,)])
    there = await handed_in(scene, Sitter(scene))
    assert set(scene.faces.wanted) == {"id_card"}
    device, content = there["photo"]
    assert (device, content) == ("id_photo", jpeg())  # no document with a mark across the face
    assert there["licence"][0] == "camera"
    assert len(binder.bound) == len(there) - 1
    hints = [state.hint for state in scene.person.seen if isinstance(state, after.TakePhoto)]
    assert {after.PhotoHint.HEAD_UPRIGHT, after.PhotoHint.GLASSES} <= set(hints)


async def test_it_is_taken_again_and_back_is_the_paper_before() -> None:
    scene, _ = scene_with([(PhotoProblem.NO_FACE,)] * 5)
    there = await handed_in(scene, Sitter(scene, [Back(), view.Retake()]))
    assert there["photo"][0] == "id_photo"
    kinds = scene.person.kinds()
    assert kinds[kinds.index("TakePhoto") + 1] == "CheckPaper"  # of the licence before it
    assert kinds.count("TakePhoto") >= 3


async def test_one_that_was_brought_along_is_laid_down() -> None:
    scene, binder = scene_with([(PhotoProblem.NO_FACE,)] * 1000)
    there = await handed_in(scene, Sitter(scene, [Do(Act.LAY)]))
    assert there["photo"][0] == "camera"
    assert len(binder.bound) == len(there)


@pytest.mark.parametrize("how", ["no service", "a package is missing"])
async def test_where_none_can_be_taken_one_is_laid_down(how: str) -> None:
    scene, _ = scene_with([(PhotoProblem.NOT_AVAILABLE,)])
    if how == "no service":
        assert scene.desk.after is not None
        scene.changes(after=replace(scene.desk.after, photos=None))
    there = await handed_in(scene, Sitter(scene))
    assert there["photo"][0] == "camera"
