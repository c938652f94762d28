"""Papers under the camera: guide the person until the same page lay still in a few good pictures."""

from collections.abc import Callable
from typing import Final

import anyio

from kiosk.desk.desk import Desk
from kiosk.desk.form import words
from kiosk.desk.mat import NEXT_SECONDS, TURN_SECONDS, Mat
from kiosk.desk.session import Session
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff
from kiosk.view.screen import Intent
from kiosk.vision.observation import PaperPage, PaperProblem, PaperSeen, Sight, SightLost
from kiosk.wire.catalogue import PaperWanted

STEADY_FRAMES = 3
"""So many good pictures of the same page in a row, and it shoots by itself."""
STEADY_SHIFT = 0.03
"""How far a corner may move between two pictures of a page at rest, as a share of the picture: a hand moves it more."""
PATIENCE_FRAMES = 24
"""After so many good pictures in a row it shoots although the page seems to move: each of them is sharp, and nobody is
to stand there holding still for ever."""

SUSPICION_FRAMES = 40
"""After so many pictures in a row in which the page lay still it shoots although something seems to be wrong with them:
what looks like a hand or a shadow may be printed, and the person sees the page before it is kept."""
SUSPICIOUS = frozenset(
    {PaperProblem.GLARE, PaperProblem.SHADOW, PaperProblem.HAND, PaperProblem.SEVERAL, PaperProblem.UNSURE}
)
LEAST_SUSPICIOUS = 0.45
"""A page whose corners are less certain than that is not taken at all."""

PAPER_HINTS: Final = {
    PaperProblem.NONE: view.PaperHint.GOOD,
    PaperProblem.NO_PAPER: view.PaperHint.LAY_DOWN,
    PaperProblem.CUT_OFF: view.PaperHint.MOVE_INSIDE,
    PaperProblem.TOO_SMALL: view.PaperHint.COME_CLOSER,
    PaperProblem.BLURRED: view.PaperHint.BLURRED,
    PaperProblem.GLARE: view.PaperHint.GLARE,
    PaperProblem.TOO_LARGE: view.PaperHint.TOO_LARGE,
    PaperProblem.SEVERAL: view.PaperHint.ONE_PAPER,
    PaperProblem.HAND: view.PaperHint.HAND_AWAY,
    PaperProblem.SHADOW: view.PaperHint.SHADOW,
    PaperProblem.UNSURE: view.PaperHint.SMOOTH_OUT,
}
"""What the person is told of what is wrong with a picture."""


class StillPage:
    """Counts pictures in a row in which the page lies still: good ones, and those that are merely suspicious."""

    def __init__(self) -> None:
        self._last: tuple[tuple[float, float], ...] | None = None
        self._good = self._suspicious = 0
        self.count = 0

    @property
    def taken(self) -> bool:
        """Whether the last picture is the one to take."""
        return self.progress >= 1.0 or self._good >= PATIENCE_FRAMES

    @property
    def progress(self) -> float:
        """How near it is to being taken, 0 to 1."""
        return min(1.0, max(self.count / STEADY_FRAMES, self._suspicious / SUSPICION_FRAMES))

    def add(self, seen: PaperSeen) -> view.PaperHint:
        """Count one more picture, and say what the person is to be told."""
        good = seen.problem is PaperProblem.NONE
        suspicious = seen.problem in SUSPICIOUS and seen.confidence >= LEAST_SUSPICIOUS
        outline = seen.outline if good or suspicious else None
        was_first, moved = self._last is None, self._moved(outline)
        self._last = outline
        still = not moved or was_first
        self._suspicious = self._suspicious + 1 if outline is not None and still else 0
        if not good or outline is None:
            self.count = self._good = 0
            return PAPER_HINTS[seen.problem]
        self.count = 1 if moved else self.count + 1
        self._good += 1
        return view.PaperHint.GOOD if still else view.PaperHint.HOLD_STILL

    def _moved(self, outline: tuple[tuple[float, float], ...] | None) -> bool:
        """Whether the page lies elsewhere than in the last picture; one that was not seen in it does."""
        if self._last is None or outline is None:
            return True
        return any(
            abs(a - b) > STEADY_SHIFT
            for p, q in zip(outline, self._last, strict=False)
            for a, b in zip(p, q, strict=True)
        )


class Follows(Exception):
    """The paper is not here: it follows later."""


class OtherWay(Exception):
    """The paper comes from elsewhere.

    Attributes:
        wanted: from where.
    """

    def __init__(self, wanted: view.FromPhone | view.FromEarlier) -> None:
        super().__init__(type(wanted).__name__)
        self.wanted = wanted


def _served(said: view.FromPhone | view.FromEarlier, phone: view.PhoneWay, earlier: view.EarlierWay) -> bool:
    if isinstance(said, view.FromPhone):
        return phone is view.PhoneWay.YES
    return earlier is view.EarlierWay.YES


async def capture(  # noqa: C901  one line a touch
    desk: Desk,
    session: Session,
    paper: PaperWanted,
    step: int,
    steps: int,
    *,
    page: int = 1,
    side: view.Side = view.Side.ONLY,
    phone: view.PhoneWay = view.PhoneWay.NO,
    earlier: view.EarlierWay = view.EarlierWay.NO,
) -> PaperPage | None:
    """Guide the person until a good picture was taken. None is back.

    Args:
        desk: the desk.
        session: of the person.
        paper: the paper.
        step: where it stands in the application, from 1.
        steps: how many there are.
        page: which page of it, from 1.
        side: which side of a card.
        phone: whether it can come from a telephone.
        earlier: whether one that was handed in before may serve.

    Raises:
        Follows: the person brings it later, where the item allows that.
        OtherWay: it does not come from this camera.
    """
    title = words(paper.title)
    later = paper.deferrable_days if page == 1 and side is not view.Side.BACK else 0

    def draw(
        hint: view.PaperHint, outline: tuple[tuple[float, float], ...] | None = None, progress: float = 0.0
    ) -> None:
        state = view.CapturePaper(
            step,
            steps,
            title,
            hint,
            outline,
            progress,
            later=later,
            can_save=session.can_save,
            side=side,
            page=page,
            most=paper.most_pages,
            phone=phone,
            earlier=earlier,
        )
        desk.stage.show(state)

    async def look() -> PaperPage | Intent | None:
        return await _until_taken(desk.sight, draw, session.mat, back=side is view.Side.BACK)

    async def touched() -> PaperPage | Intent | None:
        return await session.on_screen()

    while True:
        draw(view.PaperHint.LAY_DOWN)
        match await first(look, touched):
            case PaperPage() as taken:
                return taken
            case Back():
                return None
            case view.BringLater() if later:
                raise Follows
            case view.FromPhone() | view.FromEarlier() as said if _served(said, phone, earlier):
                raise OtherWay(said)
            case CallStaff():
                await session.staff()
            case None:
                await session.still_there()


async def _until_taken(
    sight: Sight,
    draw: Callable[[view.PaperHint, tuple[tuple[float, float], ...] | None, float], None],
    mat: Mat,
    *,
    back: bool,
) -> PaperPage:
    """Look until the same page lay still in a few good pictures, and take it."""
    after, still = 0, StillPage()
    while True:
        try:
            seen = await sight.look_for_paper(after)
            after = seen.frame
            if mat.not_yet(seen, TURN_SECONDS if back else NEXT_SECONDS):
                draw(view.PaperHint.TURN_OVER if back else view.PaperHint.NEXT_PAGE, seen.outline, 0.0)
                continue
            hint = still.add(seen)
            draw(hint, seen.outline, round(still.progress, 2))
            if still.taken:
                page = await sight.take_page()
                mat.photographed(seen.outline)
                return page
        except SightLost:
            still = StillPage()
            draw(view.PaperHint.CAMERA_AWAY, None, 0.0)
            await anyio.sleep(0.3)
