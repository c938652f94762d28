"""How many pictures a second a call sends, and how large: fewer while the machine cannot keep up, more when it can.

A picture is asked for as soon as the one before it is encoded and sent. When that is later than its time, the machine
(or this process's share of it, which is a small one) is too slow; the screen in front of the citizen comes first.
"""

from dataclasses import dataclass
from typing import Final

_WINDOW_SECONDS: Final = 2.0
_LATE_SHARE: Final = 0.34
"""Of a window's pictures; one late picture is a stumble."""
_CALM_SECONDS: Final = 10.0
"""So long without a late window, and more is tried; twice as long each time that it did not last."""
_LONGEST_CALM_SECONDS: Final = 160.0


@dataclass(frozen=True, slots=True)
class Step:
    """One way to send.

    Attributes:
        share: of the full number of pictures a second.
        thinned: each so-manieth row and column is sent.
    """

    share: float
    thinned: int


CAMERA_STEPS: Final = (Step(1.0, 1), Step(0.67, 1), Step(0.67, 2), Step(0.34, 2))
"""A face is to move first, and be sharp second."""
SCREEN_STEPS: Final = (Step(1.0, 1), Step(0.5, 1), Step(0.25, 1))
"""Writing is to be read: never smaller."""


class Pace:
    """The beat of one picture track.

    Args:
        fps: pictures a second when all is well.
        steps: from the best to the least.
    """

    def __init__(self, fps: float, steps: tuple[Step, ...]) -> None:
        self._fps, self._steps = fps, steps
        self._at = 0
        self._due: float | None = None
        self._window_ends = 0.0
        self._seen = self._late = 0
        self._calm_since = 0.0
        self._calm = _CALM_SECONDS
        self._tried_more = False

    @property
    def step(self) -> Step:
        """How it sends now."""
        return self._steps[self._at]

    @property
    def below(self) -> int:
        """How many steps below the best that is."""
        return self._at

    @property
    def period(self) -> float:
        """Seconds from picture to picture now."""
        return 1 / (self._fps * self.step.share)

    def next(self, now: float) -> float:
        """The next picture is asked for.

        Args:
            now: monotonic, in seconds.

        Returns:
            When it is to be taken; in the past when it is late.
        """
        if self._due is None:
            self._due = self._calm_since = now
            self._window_ends = now + _WINDOW_SECONDS
        self._due += self.period
        late = now > self._due
        if late:
            self._due = now  # what was missed is not sent later: nobody needs an old picture
        self._count(now, late=late)
        return self._due

    def _count(self, now: float, *, late: bool) -> None:
        self._seen += 1
        self._late += late
        if now < self._window_ends:
            return
        slow = self._late > _LATE_SHARE * self._seen
        self._seen = self._late = 0
        self._window_ends = now + _WINDOW_SECONDS
        if slow:
            if self._tried_more and now - self._calm_since < _CALM_SECONDS:
                self._calm = min(2 * self._calm, _LONGEST_CALM_SECONDS)
            self._at = min(self._at + 1, len(self._steps) - 1)
            self._calm_since, self._tried_more = now, False
        elif self._at and now - self._calm_since >= self._calm:
            self._at -= 1
            self._calm_since, self._tried_more = now, True
