"""Remote help: a call from a terminal, who takes part in it, and the messages that pass between them.

Pictures and sound never pass through the hub: what travels here are session descriptions, which let terminal and
browsers find each other, and text.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from kiosk.wire.evidence import Moment, Name, Wire

MOST_BODY = 48 * 1024
"""Longest message; a session description with all its addresses has some 10 kB."""
MOST_WORDS = 200
"""Characters of what is said in the text chat, or suggested for a field."""
MOST_PARTIES = 4
TERMINAL = "terminal"
"""The terminal, as a party of its own call."""

PartyId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Standing(StrEnum):
    """How far a call has come."""

    WAITING = "waiting"
    RINGING = "ringing"
    """Somebody has answered, and the connection is being made."""
    IN_CALL = "in_call"
    TRANSFERRED = "transferred"
    """Whoever helped has passed it on, or is gone: it waits again, before others."""
    NO_LINE = "no_line"
    """Nobody could come: a number was left, and staff call it."""
    CALLED_BACK = "called_back"
    ENDED = "ended"


class Outcome(StrEnum):
    """What became of a call."""

    NONE = ""
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    CANCELLED = "cancelled"
    """By the citizen, before anybody came."""
    HUNG_UP = "hung_up"
    """By the citizen, afterwards."""
    NUMBER_LEFT = "number_left"
    LOST = "lost"
    """Nothing was heard of the terminal any more."""
    REACHED = "reached"
    NOT_REACHED = "not_reached"


class Means(StrEnum):
    """By what the two talk. Each is what is left of the one before."""

    VIDEO = "video"
    VOICE = "voice"
    TEXT = "text"


class CallAsked(Wire, frozen=True, kw_only=True):
    """Somebody at a terminal wants help. Asked again with the same id, it is the same call."""

    id: UUID
    role: Name
    language: Name
    view: Name
    """Name of the screen they are on; no content."""
    item: Name = ""
    first: bool = False
    """Comes before others: somebody who needs it (large type, a mode for the blind, staff asked for it)."""
    means: Means = Means.VIDEO


class Party(Wire, frozen=True, kw_only=True):
    """Somebody who takes part in a call, in the order in which they came."""

    id: PartyId
    name: Name
    hall: Name = ""
    page: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Counts their browser's pages: another number means that what was connected to the last one is gone."""


class Relay(Wire, frozen=True, kw_only=True):
    """A server that helps two sides to reach each other (STUN or TURN); its credentials end with the call."""

    urls: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=200)], ...], msgspec.Meta(max_length=8)]
    username: Annotated[str, msgspec.Meta(max_length=200)] = ""
    credential: Annotated[str, msgspec.Meta(max_length=200)] = ""


class CallNow(Wire, frozen=True, kw_only=True):
    """A call as it stands."""

    id: UUID
    standing: Standing
    version: int
    """Grows with each change."""
    ahead: Annotated[int, msgspec.Meta(ge=0)] = 0
    """How many are served before."""
    wait_seconds: int | None = None
    """About how long it takes until somebody comes; None when nobody can say."""
    staffed: bool = True
    """Whether anybody is there to answer at this hour."""
    opens: Moment | None = None
    """When somebody is there again."""
    parties: Annotated[tuple[Party, ...], msgspec.Meta(max_length=MOST_PARTIES)] = ()
    relays: Annotated[tuple[Relay, ...], msgspec.Meta(max_length=8)] = ()
    outcome: Outcome = Outcome.NONE


class MessageKind(StrEnum):
    """What a message is."""

    OFFER = "offer"
    ANSWER = "answer"
    """Session descriptions (SDP), whole, with all addresses."""
    GUIDE = "guide"
    """What would go through the data channel, while there is none."""
    CHAT = "chat"
    STATE = "state"
    """How the terminal's side is; for staff."""


class Message(Wire, frozen=True, kw_only=True):
    """One party says something to another."""

    kind: MessageKind
    to: Annotated[str, msgspec.Meta(max_length=128)] = ""
    """Empty: to all others."""
    attempt: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Of an offer, and of the answer to it: a later one replaces all before."""
    body: Annotated[str, msgspec.Meta(max_length=MOST_BODY)]


class Delivered(Wire, frozen=True, kw_only=True):
    """A message as it comes to a party."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    sender: PartyId
    message: Message


class News(Wire, frozen=True, kw_only=True):
    """What is new in a call."""

    call: CallNow
    messages: Annotated[tuple[Delivered, ...], msgspec.Meta(max_length=200)] = ()
    last: int = 0
    """Number of the newest message to this party."""
    tag: Name = ""
    """Stands for the call as it is told here; given back with the next question, the answer waits for a change."""
    missed: bool = False
    """Messages are lost (the hub was started again): whatever was being connected begins anew."""


class Hangup(Wire, frozen=True, kw_only=True):
    """The citizen ends it."""

    outcome: Outcome = Outcome.HUNG_UP


class TerminalState(Wire, frozen=True, kw_only=True):
    """The terminal's side of a call, told to staff at each change. The body of a `STATE` message."""

    control: bool = False
    """The citizen lets staff press for them."""
    private: bool = False
    """The citizen shows what is hidden otherwise."""
    asked: bool = False
    """The citizen is being asked for control."""
    suggested: bool = False
    """A suggestion is before the citizen."""
    means: Means = Means.VIDEO
    camera: bool = True
    microphone: bool = True
    note: Name = ""
    """What just happened: `accepted`, `declined`, `refused`, `no_field`, …"""
