"""What is kept of a passage for staff, and whether it still waits for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk.wire.events import Crossed, Passage, StaffAct, StaffAction
from kiosk.wire.rules import Verdict

WAITS: Final = timedelta(hours=1)
"""Who was sent to staff longer ago has gone, or was seen to without the machine; the passage can still be answered."""
ANSWERS: Final = frozenset({StaffAct.ADMITTED, StaffAct.TURNED_AWAY})


class ActRefused(Exception):
    """An act cannot be: the passage has its answer, or was not sent to staff."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A passage as it stands here.

    Attributes:
        crossed: None while nobody knows.
        acts: what staff did about it, the oldest first.
    """

    passage: Passage
    crossed: Crossed | None
    acts: tuple[StaffAction, ...] = ()

    @property
    def answer(self) -> StaffAct | None:
        """Whether staff admitted or turned away the person."""
        return next((act.act for act in self.acts if act.act in ANSWERS), None)

    @property
    def open(self) -> bool:
        """Whether staff may still answer it."""
        return self.passage.decision.verdict is Verdict.REFER and self.answer is None

    def waits(self, now: datetime) -> bool:
        """Whether somebody still stands there for staff, as far as one can tell."""
        return self.open and abs(now - self.passage.decided) < WAITS
