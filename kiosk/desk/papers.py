"""Papers under the camera: guide the person until the same page lay still in a few good pictures."""

from collections.abc import Callable

import anyio

from kiosk.desk.desk import Desk
from kiosk.desk.form import words
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

_PAPER_HINTS = {
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


class _StillPage:
    """Counts good pictures in a row in which the page lies still."""

    def __init__(self) -> None:
        self._last: tuple[tuple[float, float], ...] | None = None
        self._good = 0
        self.count = 0

    @property
    def taken(self) -> bool:
        """Whether the last picture is the one to take."""
        return self.count >= STEADY_FRAMES or self._good >= PATIENCE_FRAMES

    def add(self, seen: PaperSeen) -> view.PaperHint:
        outline = seen.outline
        if seen.problem is not PaperProblem.NONE or outline is None:
            self._last, self.count, self._good = None, 0, 0
            return _PAPER_HINTS[seen.problem]
        moved = self._last is None or any(
            abs(a - b) > STEADY_SHIFT
            for p, q in zip(outline, self._last, strict=False)
            for a, b in zip(p, q, strict=True)
        )
        self.count = 1 if moved else self.count + 1
        self._good += 1
        was_first, self._last = self._last is None, outline
        return view.PaperHint.HOLD_STILL if moved and not was_first else view.PaperHint.GOOD


async def capture(desk: Desk, session: Session, paper: PaperWanted, step: int, steps: int) -> PaperPage | None:
    """Guide the person until a good picture was taken. None is back."""
    title = words(paper.title)

    def draw(
        hint: view.PaperHint, outline: tuple[tuple[float, float], ...] | None = None, progress: float = 0.0
    ) -> None:
        desk.stage.show(view.CapturePaper(step, steps, title, hint, outline, progress))

    async def look() -> PaperPage | Intent | None:
        return await _until_taken(desk.sight, draw)

    async def touched() -> PaperPage | Intent | None:
        return await session.on_screen()

    while True:
        draw(view.PaperHint.LAY_DOWN)
        match await first(look, touched):
            case PaperPage() as page:
                return page
            case Back():
                return None
            case CallStaff():
                await session.staff()
            case None:
                await session.still_there()


async def _until_taken(
    sight: Sight, draw: Callable[[view.PaperHint, tuple[tuple[float, float], ...] | None, float], None]
) -> PaperPage:
    """Look until the same page lay still in a few good pictures, and take it."""
    after, still = 0, _StillPage()
    while True:
        try:
            seen = await sight.look_for_paper(after)
            after = seen.frame
            hint = still.add(seen)
            draw(hint, seen.outline, round(min(still.count / STEADY_FRAMES, 1.0), 2))
            if still.taken:
                return await sight.take_page()
        except SightLost:
            still = _StillPage()
            draw(view.PaperHint.CAMERA_AWAY, None, 0.0)
            await anyio.sleep(0.3)
