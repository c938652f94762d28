"""Nobody stands for ever before a page that merely looks suspicious; what is plainly wrong is never taken."""

import pytest

from kiosk.desk.papers import PATIENCE_FRAMES, STEADY_FRAMES, SUSPICION_FRAMES, SUSPICIOUS, StillPage
from kiosk.view.desk import PaperHint
from kiosk.vision.observation import PaperProblem, PaperSeen

PLACE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.9), (0.2, 0.9))


def seen(problem: PaperProblem, confidence: float = 0.8, aside: float = 0.0) -> PaperSeen:
    return PaperSeen(1, 0.0, tuple((x + aside, y) for x, y in PLACE), problem, confidence)


def taken_after(pictures: list[PaperSeen]) -> int | None:
    still = StillPage()
    for place, picture in enumerate(pictures, 1):
        still.add(picture)
        if still.taken:
            return place
    return None


@pytest.mark.parametrize("problem", sorted(SUSPICIOUS))
def test_a_suspicious_page_is_taken_after_some_seconds_of_lying_still(problem: PaperProblem) -> None:
    assert taken_after([seen(problem)] * 100) == SUSPICION_FRAMES
    assert taken_after([seen(problem, confidence=0.1)] * 200) is None
    assert taken_after([seen(problem, aside=0.1 * (place % 2)) for place in range(200)]) is None


@pytest.mark.parametrize("problem", sorted(set(PaperProblem) - SUSPICIOUS - {PaperProblem.NONE}))
def test_what_is_plainly_wrong_is_never_taken(problem: PaperProblem) -> None:
    assert taken_after([seen(problem)] * 300) is None


def test_a_finding_that_comes_and_goes_holds_nobody_up() -> None:
    flicker = [seen(PaperProblem.HAND if place % 3 == 0 else PaperProblem.NONE) for place in range(100)]
    assert taken_after(flicker) == SUSPICION_FRAMES
    assert taken_after([seen(PaperProblem.NONE)] * 10) == STEADY_FRAMES
    assert taken_after([seen(PaperProblem.NONE, aside=0.1 * (place % 2)) for place in range(50)]) == PATIENCE_FRAMES


def test_the_hint_stays_what_is_wrong_and_the_ring_fills() -> None:
    still = StillPage()
    shown = [(still.add(seen(PaperProblem.SHADOW)), still.progress) for _ in range(SUSPICION_FRAMES)]
    assert {hint for hint, _ in shown} == {PaperHint.SHADOW}
    progress = [share for _, share in shown]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
