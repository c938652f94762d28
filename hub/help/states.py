"""What may happen to a call, as one table: from which standing, by which event, to which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kiosk.wire.help import Standing


class Happening(StrEnum):
    """What happens to a call. As the audit names it, with `help_` before."""

    ANSWER = "answer"
    CONNECT = "connect"
    """Terminal and staff have found each other."""
    JOIN = "join"
    """Another member of staff comes to those who are there."""
    LEAVE = "leave"
    """One of several leaves."""
    TRANSFER = "transfer"
    ABANDON = "abandon"
    """Nobody of the staff is there any more: browser closed, line gone."""
    CANCEL = "cancel"
    HANG_UP = "hang_up"
    END = "end"
    """By staff."""
    LOSE = "lose"
    """Nothing was heard of the terminal any more."""
    LEAVE_NUMBER = "leave_number"
    CALL_BACK = "call_back"


WAITS: Final = frozenset({Standing.WAITING, Standing.TRANSFERRED})
"""In the queue."""
TALKS: Final = frozenset({Standing.RINGING, Standing.IN_CALL})
OPEN: Final = WAITS | TALKS
"""The terminal is still there."""

_S, _H = Standing, Happening

TABLE: Final[Mapping[tuple[Standing, Happening], Standing]] = {
    (_S.WAITING, _H.ANSWER): _S.RINGING,
    (_S.WAITING, _H.CANCEL): _S.ENDED,
    (_S.WAITING, _H.LOSE): _S.ENDED,
    (_S.WAITING, _H.LEAVE_NUMBER): _S.NO_LINE,
    (_S.TRANSFERRED, _H.ANSWER): _S.RINGING,
    (_S.TRANSFERRED, _H.CANCEL): _S.ENDED,
    (_S.TRANSFERRED, _H.LOSE): _S.ENDED,
    (_S.TRANSFERRED, _H.LEAVE_NUMBER): _S.NO_LINE,
    (_S.RINGING, _H.CONNECT): _S.IN_CALL,
    (_S.RINGING, _H.JOIN): _S.RINGING,
    (_S.RINGING, _H.LEAVE): _S.RINGING,
    (_S.RINGING, _H.TRANSFER): _S.TRANSFERRED,
    (_S.RINGING, _H.ABANDON): _S.TRANSFERRED,
    (_S.RINGING, _H.HANG_UP): _S.ENDED,
    (_S.RINGING, _H.END): _S.ENDED,
    (_S.RINGING, _H.LOSE): _S.ENDED,
    (_S.IN_CALL, _H.JOIN): _S.IN_CALL,
    (_S.IN_CALL, _H.LEAVE): _S.IN_CALL,
    (_S.IN_CALL, _H.TRANSFER): _S.TRANSFERRED,
    (_S.IN_CALL, _H.ABANDON): _S.TRANSFERRED,
    (_S.IN_CALL, _H.HANG_UP): _S.ENDED,
    (_S.IN_CALL, _H.END): _S.ENDED,
    (_S.IN_CALL, _H.LOSE): _S.ENDED,
    (_S.NO_LINE, _H.CALL_BACK): _S.CALLED_BACK,
}
"""What is not here cannot happen."""


def after(standing: Standing, happening: Happening) -> Standing | None:
    """Where a call stands afterwards; None for what cannot happen."""
    return TABLE.get((standing, happening))
