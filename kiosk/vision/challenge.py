"""The active challenge: a person is told, in an order that nobody knows before, to turn the head or to come closer.

Judged from the detector's five points over time (`parallax`) and from the texture of the pictures (`tracks`). A turn
counts only when both say that the face has depth, so that a photograph that is moved, rolled, tilted or bent by hand
does not pass. Points alone do not do: on drawn pictures the detector sees a tilted or bent sheet much as a turned head.
Coming closer counts by size, gives no evidence of depth, and is therefore never the only step. Nothing here reads a
clock, a camera or, but for `draw`, chance.

What it does not stop is said in docs/liveness.md: a mask of a head, a video at the camera's wire that follows orders.
"""

import math
import secrets
from collections import deque
from collections.abc import Sequence
from typing import Final

from kiosk.vision.challenge_state import Answer, ChallengeState, Patience, Step, Trouble, draw
from kiosk.vision.faces import Face, Image
from kiosk.vision.parallax import Front, Glance, Points, Turn, roll_degrees, sideways, tallness, turn_of, usable
from kiosk.vision.tracks import TextureWatch

LEAST_SHIFT: Final = 0.20
"""Of the nose against the plane, in distances between the pupils: 27 degrees for a depth of 0.4, 35 for 0.29."""
LEAST_DEPTH: Final = 0.20
"""A sheet bent to a radius of 0.7 distances between the pupils has 0.17, heads have 0.29 and more."""
SUPPORTING_SHIFT: Final = 0.14
SUPPORTING_DEPTH: Final = 0.12
"""The same where texture decides: points of some faces move less than the face, and need only not contradict."""
MOST_DEPTH: Final = 1.2
"""More than that is no head: the nose moves and the face does not turn."""
LEAST_COSINE: Final = 0.55
"""Of the plane of eyes and mouth. Beyond 57 degrees the detector guesses."""
MOST_SLANT: Final = 0.8
"""How far up or down the nose may go for each step sideways."""
FLAT_COSINE: Final = 0.80
FLAT_DEPTH: Final = 0.15
"""A face foreshortened like that without this depth is a picture of one."""
FLAT_VIEWS: Final = 6
AHEAD_SHIFT: Final = 0.10
MOST_LEAP: Final = 0.30
"""Of the nose's shift from one picture to the next. A head that turns 40 degrees in 0.6 s makes 0.13 in 0.1 s."""
LONGEST_GAP_S: Final = 0.5
"""For which the face may be unseen in a turn."""
MOST_SIDEWAYS: Final = 0.14
MOST_ROLL: Final = 25.0
TALLNESS: Final = (0.75, 1.45)
CLOSER: Final = 1.25
"""How much larger the face has to become."""
OTHER_FACE_SHARE: Final = 0.45
WINDOW: Final = 5
"""Views that are put together."""
WINDOW_S: Final = 1.2


class Challenge:
    """One challenge to one person. Feed it every picture's faces; ask for a new one after it is answered.

    Args:
        steps: what is asked, of TURN_LEFT, TURN_RIGHT, COME_CLOSER; drawn when None.
        nonce: drawn when empty.
        mirrored: the pictures are mirrored, as in a looking glass.
        texture: whether texture has to agree; without pictures it cannot, and nobody passes. Off for simulated points.

    Raises:
        ValueError: no turn is among the steps, or something that cannot be asked.
    """

    def __init__(
        self,
        steps: Sequence[Step] | None = None,
        *,
        nonce: str = "",
        patience: Patience | None = None,
        mirrored: bool = False,
        texture: bool = True,
    ) -> None:
        self._steps = tuple(draw() if steps is None else steps)
        turns = {Step.TURN_LEFT, Step.TURN_RIGHT}
        if not turns & set(self._steps) or not set(self._steps) <= turns | {Step.COME_CLOSER}:
            raise ValueError("a challenge has a turn, and else only turns and coming closer")
        self._nonce = nonce or secrets.token_hex(16)
        self._patience = patience or Patience()
        self._right = -1.0 if mirrored else 1.0
        self._done = -1  # looking ahead comes before the first
        self._progress = 0.0
        self._answer, self._trouble = Answer.PENDING, Trouble.NONE
        self._depth: float | None = None
        self._time: float | None = None
        self._begun: float | None = None
        self._seen: float | None = None
        self._last: Points | None = None
        self._strange = self._others = self._flat = self._wrong = self._fast = 0
        self._views: list[Points] = []
        self._front: Front | None = None
        self._window: deque[tuple[float, Glance]] = deque(maxlen=WINDOW)
        self._armed = False
        self._astray = Trouble.NONE  # why a turn did not count, until the face is at the front again
        self._base: float | None = None
        self._texture = TextureWatch() if texture else None
        self._least = (SUPPORTING_SHIFT, SUPPORTING_DEPTH) if texture else (LEAST_SHIFT, LEAST_DEPTH)
        self._nearest = math.inf  # how near to the front the face was when its texture began to be followed
        self._side = 0.0  # where the nose was in the last picture

    @property
    def state(self) -> ChallengeState:
        """How it stands."""
        done = min(max(self._done, 0), len(self._steps))
        return ChallengeState(
            self._nonce,
            self._step,
            done,
            len(self._steps),
            round(self._progress, 3),
            self._answer,
            self._trouble,
            None if self._depth is None else round(self._depth, 3),
        )

    def see(self, time: float, faces: Sequence[Face], image: Image | None = None) -> ChallengeState:
        """Look at the next picture's faces.

        Args:
            time: when it was taken, seconds of a clock that only increases.
            faces: all that were found in it.
            image: the picture itself, (h, w, 3) uint8, BGR. A reduced grey copy is kept until the next.
        """
        if self._answer is Answer.PENDING:
            self._look(time, faces, image)
        return self.state

    @property
    def _step(self) -> Step:
        if self._done < 0:
            return Step.LOOK_AHEAD
        return self._steps[self._done] if self._done < len(self._steps) else Step.DONE

    def _look(self, time: float, faces: Sequence[Face], image: Image | None) -> None:
        if not math.isfinite(time) or (self._time is not None and time < self._time):
            self._fail(Trouble.BAD_CLOCK)
            return
        if time == self._time:
            return  # the same picture once more
        self._time = time
        if self._begun is None:
            self._begun = time
        if time - self._begun > (self._patience.ahead if self._done < 0 else self._patience.step):
            self._fail(Trouble.OUT_OF_TIME)
            return
        points = self._only(time, faces)
        if points is None or not self._same(time, points):
            return
        self._trouble = self._astray
        gap = 0.0 if self._seen is None else time - self._seen
        self._last, self._seen = points, time
        if self._front is None:
            self._look_ahead(time, points)
            return
        glance = self._front.glance(points)
        if glance is None:
            return
        self._pass_by(float(glance.shift[0]), gap)
        if self._step is not Step.COME_CLOSER and self._answer is Answer.PENDING:
            self._touch(float(glance.shift[0]), points, image)
        if self._answer is Answer.PENDING:
            self._follow(time, glance)

    # Who is there ---------------------------------------------------------------------------------------------------

    def _only(self, time: float, faces: Sequence[Face]) -> Points | None:
        """The one face's points."""
        found = sorted((face for face in faces if usable(face.points) is not None), key=_pupils, reverse=True)
        if len(found) > 1 and _pupils(found[1]) >= OTHER_FACE_SHARE * _pupils(found[0]):
            self._others += 1
            self._trouble = Trouble.SECOND_FACE
            if self._others >= 3 and self._front is not None:
                self._fail(Trouble.SECOND_FACE)
            return None
        self._others = 0
        if found:
            return usable(found[0].points)
        self._trouble = Trouble.NO_FACE
        if self._front is None:
            self._views.clear()
        elif self._seen is not None and time - self._seen > self._patience.lost:
            self._fail(Trouble.LOST_FACE)
        return None

    def _same(self, time: float, points: Points) -> bool:
        """Whether it can be the face of the last picture: a hand that changes photographs is not that steady."""
        if self._last is None or self._seen is None:
            return True
        passed = min(time - self._seen, 0.5)
        before, now = _extent(self._last), _extent(points)
        moved = math.hypot(*(points.mean(axis=0) - self._last.mean(axis=0))) / before
        grown = abs(math.log(now / before))
        if moved <= 0.6 + 6 * passed and grown <= 0.2 + 1.2 * passed:
            self._strange = 0
            return True
        self._strange += 1
        self._trouble = Trouble.JUMPED
        if self._front is None:
            self._views.clear()
            self._last = None
        elif self._strange >= 2:
            self._fail(Trouble.JUMPED)
        return False

    # What it does ---------------------------------------------------------------------------------------------------

    def _look_ahead(self, time: float, points: Points) -> None:
        aside = sideways(points)
        ahead = (
            aside is not None
            and abs(aside) <= MOST_SIDEWAYS
            and abs(roll_degrees(points)) <= MOST_ROLL
            and TALLNESS[0] <= tallness(points) <= TALLNESS[1]
        )
        if not ahead:
            self._views.clear()
            self._progress = 0.0
            self._trouble = Trouble.NO_FACE
            return
        self._views.append(points)
        self._progress = len(self._views) / (WINDOW + 1)
        if len(self._views) > WINDOW:
            self._front = Front(self._views)
            self._views.clear()
            self._next(time)

    def _follow(self, time: float, glance: Glance) -> None:
        self._window.append((time, glance))
        while time - self._window[0][0] > WINDOW_S:
            self._window.popleft()
        if len(self._window) < WINDOW - 1:
            return
        turn = turn_of([seen for _, seen in self._window])
        # Where there is texture, that says what is flat: points of a living face may look so.
        like_a_plane = self._texture is None and turn.cosine < FLAT_COSINE and turn.depth < FLAT_DEPTH
        self._flat = self._flat + 1 if like_a_plane else 0
        if self._flat >= FLAT_VIEWS:
            self._fail(Trouble.FLAT)
        elif self._step is Step.COME_CLOSER:
            self._come_closer(time, turn)
        else:
            self._turn(time, turn)

    def _pass_by(self, shift: float, gap: float) -> None:
        """Only a turn that begins at the front, after the order, and goes on without a leap is an answer to it."""
        if self._armed and abs(shift) > AHEAD_SHIFT and (abs(shift - self._side) > MOST_LEAP or gap > LONGEST_GAP_S):
            self._again(Trouble.TOO_FAST)
        elif abs(shift) < AHEAD_SHIFT or shift * self._side < 0:
            if not self._armed:
                self._window.clear()  # what it did before does not count
                self._nearest = math.inf
            self._armed, self._astray, self._trouble = True, Trouble.NONE, Trouble.NONE
        self._side = shift

    def _touch(self, shift: float, points: Points, image: Image | None) -> None:
        """Follow the texture, from the picture of this turn in which the face looked ahead best."""
        if self._texture is None or not self._armed:
            return
        if abs(shift) < self._nearest or (self._texture.lost and abs(shift) < AHEAD_SHIFT):
            self._nearest = abs(shift)
            self._texture.begin(image, points)
            return
        self._texture.see(image, points, self._right if self._step is Step.TURN_LEFT else -self._right)
        if self._texture.flat:
            self._fail(Trouble.FLAT)

    def _turn(self, time: float, turn: Turn) -> None:
        side = self._right if self._step is Step.TURN_LEFT else -self._right
        shift = turn.across * side
        self._progress = min(max(shift / self._least[0], 0.0), 0.99) if self._armed else 0.0
        if not self._armed or abs(shift) < self._least[0]:
            return
        if shift < 0:
            self._again(Trouble.WRONG_WAY)
        elif self._stands_out(turn):
            depth = turn.depth if self._texture is None else self._texture.depth
            self._depth = depth if self._depth is None else min(self._depth, depth)
            self._next(time)
        elif self._texture is not None and self._texture.lost and not self._texture.deep:
            # Nobody is to blame: once more from the front, slowly, it may be followed.
            self._trouble = self._astray = Trouble.TOO_FAST
            self._armed = False

    def _stands_out(self, turn: Turn) -> bool:
        """Whether points, and texture where it is asked, say that this is no plane."""
        if turn.cosine < LEAST_COSINE or not self._least[1] <= turn.depth <= MOST_DEPTH:
            return False
        return abs(turn.down) <= MOST_SLANT * abs(turn.across) and (self._texture is None or self._texture.deep)

    def _again(self, why: Trouble) -> None:
        """Once is forgiven: the person is told, and goes back to the front."""
        if self._astray is not Trouble.NONE:
            return
        self._trouble = self._astray = why
        self._armed = False
        if why is Trouble.TOO_FAST:
            self._fast += 1
        else:
            self._wrong += 1
        if max(self._fast, self._wrong) > 1:
            self._fail(why)

    def _come_closer(self, time: float, turn: Turn) -> None:
        if self._base is None:
            self._base = turn.size
        grown = turn.size / self._base
        self._progress = min(max((grown - 1) / (CLOSER - 1), 0.0), 0.99)
        if grown >= CLOSER:
            self._next(time)

    def _next(self, time: float) -> None:
        self._done += 1
        self._begun = time
        self._progress = 0.0
        self._armed, self._astray = False, Trouble.NONE
        self._base = None
        self._window.clear()
        if self._texture is not None:
            self._texture.stop()
        self._nearest = math.inf
        if self._done == len(self._steps):
            self._progress = 1.0
            self._answer, self._trouble = Answer.PASSED, Trouble.NONE

    def _fail(self, why: Trouble) -> None:
        self._answer, self._trouble = Answer.FAILED, why
        if self._texture is not None:
            self._texture.stop()  # no picture is kept longer than it serves


def _pupils(face: Face) -> float:
    return math.hypot(*(float(value) for value in face.points[1] - face.points[0]))


def _extent(points: Points) -> float:
    """The face's size, steadier in a turn than the distance between the pupils."""
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    return max(math.hypot(*(points[1] - points[0])), math.hypot(*(mouth - eyes)), 1e-6)
