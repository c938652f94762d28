"""Where a case stands, and how it goes on: a table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kiosk.wire.events import StaffAct


class CaseKind(StrEnum):
    """Why there is a case."""

    ISOLATION = "isolation"
    """A high temperature or a red code: led to the isolation room at once."""
    REFERRAL = "referral"
    """Anything else that a member of staff has to look at."""


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    TAKEN = "taken"
    SECOND_READING = "second_reading"
    """Measured again, with another thermometer."""
    CLEARED = "cleared"
    SENT_HOME = "sent_home"
    HANDED_OVER = "handed_over"
    """To the health authority."""


class Move(StrEnum):
    """What a member of staff does to a case in the console."""

    TAKE = "take"
    GIVE_BACK = "give_back"
    READ_AGAIN = "read_again"
    """A second temperature."""
    ASK = "ask"
    """A question and its answer."""
    NOTE = "note"
    CLEAR = "clear"
    SEND_HOME = "send_home"
    HAND_OVER = "hand_over"


CLOSED: Final = frozenset({CaseState.CLEARED, CaseState.SENT_HOME, CaseState.HANDED_OVER})

_IN_HAND = (CaseState.TAKEN, CaseState.SECOND_READING)
MOVES: Final[Mapping[tuple[CaseState, Move], CaseState]] = {
    (CaseState.OPEN, Move.TAKE): CaseState.TAKEN,
    (CaseState.TAKEN, Move.TAKE): CaseState.TAKEN,  # by a colleague, e.g. at the change of shifts
    (CaseState.SECOND_READING, Move.TAKE): CaseState.SECOND_READING,
    (CaseState.TAKEN, Move.GIVE_BACK): CaseState.OPEN,
    **{(state, Move.READ_AGAIN): CaseState.SECOND_READING for state in _IN_HAND},
    **{(state, Move.ASK): state for state in _IN_HAND},
    **{(state, Move.NOTE): state for state in CaseState},  # what is learnt later is added, nothing is changed
    **{(state, Move.CLEAR): CaseState.CLEARED for state in _IN_HAND},
    **{(state, Move.SEND_HOME): CaseState.SENT_HOME for state in _IN_HAND},
    **{(state, Move.HAND_OVER): CaseState.HANDED_OVER for state in _IN_HAND},
}
"""What may be done where, and where it leads; anything else is refused."""

LANE_ACTS: Final[Mapping[StaffAct, CaseState]] = {
    StaffAct.ADMITTED: CaseState.CLEARED,
    StaffAct.TURNED_AWAY: CaseState.SENT_HOME,
    StaffAct.MEASURED_AGAIN: CaseState.SECOND_READING,
    StaffAct.ANSWERED: CaseState.TAKEN,
}
"""Where an act at the lane leads an open case. It has happened there: it is recorded, whatever the console thinks."""


def possible(state: CaseState) -> tuple[Move, ...]:
    """What may be done to a case in a state, for buttons."""
    return tuple(move for move in Move if (state, move) in MOVES)
