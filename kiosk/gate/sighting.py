"""One person before the camera: is it the one on the card, is it a living person, is a mask worn.

Whoever is asked to do something is told why it did not serve. Two people in the picture stop everything: one at a time.
"""

from collections import Counter
from dataclasses import dataclass, field

import anyio

from kiosk.clock import Clock
from kiosk.gate.evidence import Pace, or_staff
from kiosk.session import Stage
from kiosk.view import gate as view
from kiosk.vision.observation import (
    Answer,
    ChallengeState,
    FaceBand,
    FaceProblem,
    FaceVerdict,
    Liveness,
    Mask,
    Observation,
    Reference,
    Sight,
    SightLost,
    Step,
    Trouble,
)
from kiosk.wire.evidence import (
    Band,
    Face,
    FaceCompared,
    Live,
    LivenessChecked,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Why,
)
from kiosk.wire.evidence import Mask as MaskEvidence

MASK_FRAMES = 3
"""So many pictures that say the same count."""
CHALLENGES = 2
"""Who was too slow, or was disturbed, may try again; who looked like a picture may not."""
OTHER_FACE_FRAMES = 3
"""So many comparisons in a row that reject: somebody else stands there now."""

_HINTS = {
    FaceProblem.NONE: view.FaceHint.HOLD_STILL,
    FaceProblem.NO_FACE: view.FaceHint.LOOK,
    FaceProblem.SEVERAL_FACES: view.FaceHint.ONE_AT_A_TIME,
    FaceProblem.TOO_FAR: view.FaceHint.COME_CLOSER,
    FaceProblem.TOO_NEAR: view.FaceHint.STEP_BACK,
    FaceProblem.TURNED_AWAY: view.FaceHint.LOOK,
    FaceProblem.BLURRED: view.FaceHint.HOLD_STILL,
    FaceProblem.TOO_DARK: view.FaceHint.LOOK,
    FaceProblem.TOO_BRIGHT: view.FaceHint.LOOK,
    FaceProblem.MASKED: view.FaceHint.LOWER_MASK,
}
_TROUBLES = {
    Trouble.SECOND_FACE: view.FaceHint.ONE_AT_A_TIME,
    Trouble.NO_FACE: view.FaceHint.LOOK,
    Trouble.LOST_FACE: view.FaceHint.LOOK,
    Trouble.TOO_FAST: view.FaceHint.HOLD_STILL,
}
_BANDS = {FaceBand.ACCEPT: Band.ACCEPT, FaceBand.STAFF: Band.STAFF, FaceBand.REJECT: Band.REJECT}
_MOVEMENTS = {
    Step.LOOK_AHEAD: view.Movement.LOOK_AHEAD,
    Step.TURN_LEFT: view.Movement.TURN_LEFT,
    Step.TURN_RIGHT: view.Movement.TURN_RIGHT,
    Step.COME_CLOSER: view.Movement.COME_CLOSER,
}
_SEEN_LATE = {Mask.WORN: MaskWorn.UNSURE, Mask.BARE: MaskWorn.BARE, Mask.UNSURE: MaskWorn.UNSURE}
"""What most pictures said when the time was over; often worn, and never a few times in a row, is no mask to rely on."""


@dataclass(slots=True)
class Beholder:
    """Looks at one person, from the card until the temperature was taken.

    Attributes:
        name: the person's, masked.
        masks: what each picture said of a mask.
        worn_in_a_row: so many of the last pictures said that one is worn: one that was lowered for the camera in
            between counts from when it is up again.
    """

    name: str
    stage: Stage
    sight: Sight
    pace: Pace
    clock: Clock
    after: int = 0
    masks: Counter[Mask] = field(default_factory=Counter)
    worn_in_a_row: int = 0

    async def look(self) -> Observation:
        """Look at the next picture.

        Raises:
            SightLost: nothing can be seen.
        """
        seen = await self.sight.observe(self.after)
        self.after = seen.frame
        alone = seen.problem is not FaceProblem.SEVERAL_FACES
        if seen.mask is not Mask.NOT_MEASURED and alone:
            self.masks[seen.mask] += 1
        self.worn_in_a_row = self.worn_in_a_row + 1 if alone and seen.mask is Mask.WORN else 0
        return seen

    # Face -----------------------------------------------------------------------------------------------------------

    async def compare(self, photo: bytes) -> Face:
        """Compare with the document's photo."""
        comparison = _Comparison(self, photo)
        self.stage.show(view.LookAtCamera(self.name))
        return await or_staff(self.stage, self.pace.face_seconds, comparison.run, comparison.late)

    # Liveness -------------------------------------------------------------------------------------------------------

    async def check_liveness(self) -> Live:
        """Ask for movements in an order that nobody knows before."""
        test = _MovementTest(self)
        seconds = CHALLENGES * self.pace.challenge_seconds
        return await or_staff(self.stage, seconds, test.run, lambda: _not_shown("challenge"))

    # Mask -----------------------------------------------------------------------------------------------------------

    async def check_mask(self, *, must: bool) -> MaskEvidence:
        """Whether a mask is worn; who wears none is asked to put one on.

        Args:
            must: nobody is let in without; else the person is only reminded.
        """
        if self.worn_in_a_row >= MASK_FRAMES:
            return self._mask(MaskWorn.WORN, self.worn_in_a_row)
        self.masks.clear()
        seconds = self.pace.mask_seconds if must else self.pace.remind_seconds
        looks, problem = 0, FaceProblem.NONE

        async def put_on() -> MaskEvidence:
            nonlocal looks, problem
            while True:
                try:
                    problem = (await self.look()).problem
                except SightLost as lost:
                    return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code=lost.code)
                looks += 1
                worn = self.worn_in_a_row
                if worn >= MASK_FRAMES:
                    return self._mask(MaskWorn.WORN, worn)
                if looks >= MASK_FRAMES:
                    self.stage.show(view.WearMask(self.name, must, round(worn / MASK_FRAMES, 2)))

        def late() -> NotMeasured:
            if problem is FaceProblem.SEVERAL_FACES:
                return NotMeasured(why=Why.SEVERAL_FACES, device="camera")
            return _not_shown("mask")

        seen = await or_staff(self.stage, seconds, put_on, late)
        if isinstance(seen, NotMeasured) and seen.why is Why.NOT_SHOWN and self.masks:
            mask, frames = self.masks.most_common(1)[0]
            return self._mask(_SEEN_LATE[mask], frames)
        return seen

    def _mask(self, worn: MaskWorn, frames: int) -> MaskSeen:
        return MaskSeen(worn=worn, frames=min(frames, 1000), device="camera", at=self.clock.now())


def _not_shown(code: str) -> NotMeasured:
    return NotMeasured(why=Why.NOT_SHOWN, device="camera", code=code)


class _Comparison:
    """The face against the card's photo, picture by picture."""

    def __init__(self, beholder: Beholder, photo: bytes) -> None:
        self._beholder, self._photo = beholder, photo
        self._last = FaceProblem.NO_FACE
        self._vision_was_lost = False

    async def run(self) -> Face:
        """Compare until it is certain; goes on when the vision process had to be restarted in between."""
        while True:
            try:
                match await self._beholder.sight.remember(self._photo):
                    case Reference.NO_DECODER:
                        return NotMeasured(why=Why.NOT_INSTALLED, device="camera", code="no_photo_decoder")
                    case Reference.NO_FACE:
                        return NotMeasured(why=Why.UNREADABLE, device="id_reader", code="no_face_in_photo")
                    case Reference.READY:
                        return await self._compare()
            except SightLost as lost:
                if lost.code != "vision":
                    return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code=lost.code)
                self._vision_was_lost = True
                await anyio.sleep(0.2)

    async def _compare(self) -> Face:
        beholder, wanted = self._beholder, self._beholder.pace.face_frames
        similarities = list[float]()
        while len(similarities) < wanted:
            seen = await beholder.look()
            self._last = seen.problem
            if seen.similarity is not None:
                similarities.append(seen.similarity)
            elif seen.problem is FaceProblem.SEVERAL_FACES:
                similarities.clear()  # one at a time: what was seen may have been somebody else
            progress = round(len(similarities) / wanted, 2)
            beholder.stage.show(view.LookAtCamera(beholder.name, _HINTS[seen.problem], progress))
        verdict = beholder.sight.judge(tuple(similarities))
        return _compared(verdict, beholder.clock)

    def late(self) -> NotMeasured:
        """Why there is no comparison, when the time is over."""
        if self._last is FaceProblem.SEVERAL_FACES:
            return NotMeasured(why=Why.SEVERAL_FACES, device="camera")
        if self._vision_was_lost:
            return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code="vision")
        return NotMeasured(why=Why.NOT_SHOWN, device="camera", code=self._last.value)


def _compared(verdict: FaceVerdict, clock: Clock) -> FaceCompared:
    return FaceCompared(
        band=_BANDS[verdict.band],
        engine=verdict.engine,
        model=verdict.model,
        frames=verdict.frames,
        device="camera",
        at=clock.now(),
    )


class _MovementTest:
    """The active challenge, with the networks' opinion where they are configured."""

    def __init__(self, beholder: Beholder) -> None:
        self._beholder = beholder
        self._strangers = 0
        self._frames = 0
        self._networks = Liveness.NOT_AVAILABLE

    async def run(self) -> Live:
        """Ask for the movements, a second time where the first could not be judged."""
        last: Live = _not_shown("challenge")
        for _ in range(CHALLENGES):
            try:
                state = await self._once()
            except SightLost as lost:
                return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code=lost.code)
            if state is None:
                return self._answer(passed=False)  # somebody else stands there
            if Liveness.FAILED in {state.liveness, self._networks}:
                return self._answer(passed=False)
            if state.liveness is Liveness.PASSED:
                return self._answer(passed=True)
            last = _not_shown(state.trouble.value)
            if state.trouble is Trouble.SECOND_FACE:
                last = NotMeasured(why=Why.SEVERAL_FACES, device="camera")
        return last

    async def _once(self) -> ChallengeState | None:
        beholder = self._beholder
        await beholder.sight.challenge()
        while True:
            seen = await beholder.look()
            state = seen.challenge
            if state is None:
                raise SightLost("vision")  # a new process knows of none
            self._frames += 1
            self._networks = seen.liveness
            if self._is_stranger(seen):
                return None
            if state.answer is not Answer.PENDING:
                return state
            beholder.stage.show(
                view.FollowMovement(
                    beholder.name,
                    _MOVEMENTS.get(state.step, view.Movement.LOOK_AHEAD),
                    min(state.done + 1, state.steps),
                    state.steps,
                    round(state.progress, 1),
                    _TROUBLES.get(state.trouble, view.FaceHint.LOOK),
                )
            )

    def _is_stranger(self, seen: Observation) -> bool:
        if seen.similarity is None:
            return False
        rejected = self._beholder.sight.rejects(seen.similarity)
        self._strangers = self._strangers + 1 if rejected else 0
        return self._strangers >= OTHER_FACE_FRAMES

    def _answer(self, *, passed: bool) -> LivenessChecked:
        told = self._networks in {Liveness.PASSED, Liveness.FAILED}
        return LivenessChecked(
            passed=passed,
            method="challenge+networks" if told else "challenge",
            frames=max(1, min(self._frames, 1000)),
            device="camera",
            at=self._beholder.clock.now(),
        )
