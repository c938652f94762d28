"""What staff may send to point and to suggest: read strictly, for anybody could be at the other end of the channel."""

from typing import Annotated, Final

import msgspec

from kiosk.wire.help import MOST_WORDS

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""Of the screen's width or height, from the upper left."""
MOST_GARBAGE: Final = 50
"""So many messages that mean nothing, and their sender is hung up on."""
MOST_A_SECOND: Final = 80
"""A pointer sends some thirty."""


class _Do(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True):
    pass


class Point(_Do, frozen=True, tag="point"):
    """The pointer is here."""

    x: Share
    y: Share


class Unpoint(_Do, frozen=True, tag="unpoint"):
    """It is nowhere."""


class Highlight(_Do, frozen=True, tag="highlight"):
    """Put a frame round what can be touched here."""

    x: Share
    y: Share


class Clear(_Do, frozen=True, tag="clear"):
    """Take frame and pointer away."""


class Press(_Do, frozen=True, tag="press"):
    """Press here, for the citizen; only with their consent."""

    x: Share
    y: Share


class Suggest(_Do, frozen=True, tag="suggest"):
    """This could be filled in."""

    words: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_WORDS)]


class AskControl(_Do, frozen=True, tag="ask_control"):
    """May I press for you?"""


class DropControl(_Do, frozen=True, tag="drop_control"):
    """I do not any more."""


Guidance = Point | Unpoint | Highlight | Clear | Press | Suggest | AskControl | DropControl


def guidance_of(text: str) -> Guidance | None:
    """What a message means; None for garbage."""
    try:
        found: Guidance = msgspec.json.decode(text, type=Guidance)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    return found


class Patience:
    """How much of what a party sends is put up with.

    Attributes:
        spent: it is too much: hang up on them.
    """

    def __init__(self) -> None:
        self._garbage = 0
        self._second = -1
        self._in_second = 0

    @property
    def spent(self) -> bool:
        """Whether it is enough."""
        return self._garbage >= MOST_GARBAGE

    def garbage(self) -> None:
        """One more that means nothing."""
        self._garbage += 1

    def takes(self, now: float) -> bool:
        """Whether one more is taken now; the rest of a flood is dropped, and counts as garbage."""
        second = int(now)
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        if self._in_second > MOST_A_SECOND:
            if self._in_second % MOST_A_SECOND == 1:
                self._garbage += 1
            return False
        return True
