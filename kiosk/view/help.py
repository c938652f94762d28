"""Remote help: what covers the screen while it is asked for, and the mark that stays while somebody helps.

A cover takes the place of the journey's own state and gives it back untouched; the journey does not know.
"""

from dataclasses import dataclass
from enum import StrEnum

DIGITS_MOST = 20
"""Of a telephone number."""


class Talk(StrEnum):
    """By what the two talk."""

    VIDEO = "video"
    VOICE = "voice"
    TEXT = "text"


class Ended(StrEnum):
    """How a call ended, for the person in front."""

    DONE = "done"
    STAFF_GONE = "staff_gone"
    """It broke off on the other side."""
    LINE_DOWN = "line_down"
    NOBODY = "nobody"
    """Nobody came in the time that one waits."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What help there is: somebody on the screen, somebody of the hall, or a call later.

    Attributes:
        line: somebody can be called from here; else only a number can be left.
        opens: when somebody is there again, `HH:MM`; empty when somebody is, or nobody can say.
        on_site: staff of the hall can be called as well.
    """

    line: bool = True
    opens: str = ""
    on_site: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """Staff were called.

    Attributes:
        ahead: how many are served before.
        minutes: about how long it takes; None when nobody can say.
        again: whoever helped is gone, and another one comes.
    """

    ahead: int = 0
    minutes: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class LeaveNumber:
    """Type a telephone number to be called back at."""

    opens: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class NumberLeft:
    """The number is kept, and staff will call."""


@dataclass(frozen=True, slots=True)
class InCall:
    """The call itself, large: their picture, and what one can do."""

    staff: tuple[str, ...]
    talk: Talk
    showing: bool
    """What is private is shown to staff."""
    control: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """May staff press for you?"""

    staff: str


@dataclass(frozen=True, slots=True, repr=False)
class Suggested:
    """Staff suggest what to fill in."""

    staff: str
    words: str

    def __repr__(self) -> str:
        return f"Suggested({self.staff!r}, masked)"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the text chat."""

    mine: bool
    words: str


@dataclass(frozen=True, slots=True, repr=False)
class Chat:
    """Text in large type, with answers to touch. The newest line last."""

    staff: str
    lines: tuple[Said, ...] = ()

    def __repr__(self) -> str:
        return f"Chat({self.staff!r}, {len(self.lines)} lines)"


@dataclass(frozen=True, slots=True)
class Over:
    """The call is over."""

    how: Ended


Cover = Offer | Waiting | LeaveNumber | NumberLeft | InCall | Consent | Suggested | Chat | Over


@dataclass(frozen=True, slots=True)
class Mark:
    """What stays on top of every screen: somebody waits to help, or helps.

    Attributes:
        staff: who helps; empty while one waits and goes on meanwhile.
        ahead: while one waits, how many are served before.
        control: staff may press.
        showing: what is private is shown to staff.
        broken: the connection is being made again.
        unread: something new was said in the text chat.
    """

    staff: tuple[str, ...] = ()
    ahead: int = 0
    talk: Talk = Talk.VIDEO
    control: bool = False
    showing: bool = False
    broken: bool = False
    unread: bool = False


# Intents -------------------------------------------------------------------------------------------------------


class Wish(StrEnum):
    """What the person in front wants of remote help."""

    OPEN = "open"
    CALL = "call"
    CALL_TEXT = "call_text"
    """Without camera and microphone."""
    ON_SITE = "on_site"
    GO_ON = "go_on"
    """Back to the form; what was begun goes on."""
    CANCEL = "cancel"
    NUMBER = "number"
    """Leave a number; without `words`, ask for it first."""
    LARGE = "large"
    """Show the call large."""
    CHAT = "chat"
    SAY = "say"
    SHOW = "show"
    """Show what is private to staff."""
    HIDE = "hide"
    ALLOW = "allow"
    REFUSE = "refuse"
    REVOKE = "revoke"
    ACCEPT = "accept"
    DECLINE = "decline"
    END = "end"


@dataclass(frozen=True, slots=True, repr=False)
class Help:
    """A wish, with the number to be called at or what is said."""

    wish: Wish
    words: str = ""

    def __repr__(self) -> str:
        return f"Help({self.wish.value!r})"


# Beside the screens' states ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guide:
    """What staff show on the screen; shares of its width and height from the upper left. Nothing: nothing is shown.

    Attributes:
        point: where their pointer is.
        mark: what can be touched here gets a frame.
        press: what can be touched here is pressed.
        who: their name, at the pointer.
    """

    point: tuple[float, float] | None = None
    mark: tuple[float, float] | None = None
    press: tuple[float, float] | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """How the screen is shown to staff: not at all, without what is private, or as it is."""

    on: bool = False
    private: bool = False
