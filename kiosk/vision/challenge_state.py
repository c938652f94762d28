"""What the active challenge may take, and what it asks. Its answers are `kiosk.vision.observation`'s: plain data."""

import random
import secrets
from dataclasses import dataclass

from kiosk.vision.observation import Answer, ChallengeState, Step, Trouble

__all__ = ["Answer", "ChallengeState", "Patience", "Step", "Trouble", "draw"]


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of time, in seconds.

    Attributes:
        ahead: until the face was seen looking ahead.
        step: for each step.
        lost: how long the face may be away.
    """

    ahead: float = 8.0
    step: float = 10.0
    lost: float = 1.0


def draw(chance: random.Random | None = None) -> tuple[Step, Step]:
    """Two different steps in random order, at least one of them a turn.

    Args:
        chance: where they come from; the operating system's when None.
    """
    first, second = (chance or secrets.SystemRandom()).sample([Step.TURN_LEFT, Step.TURN_RIGHT, Step.COME_CLOSER], 2)
    return first, second
