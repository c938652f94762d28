"""Orders: what the hub asks of a terminal, and what became of it."""

from enum import StrEnum
from typing import Annotated

import msgspec

from kiosk.wire.evidence import Moment, Wire


class OrderKind(StrEnum):
    """What is asked."""

    RELOAD = "reload"
    """Fetch all signed editions again."""
    RESTART = "restart"
    """Start the program again, when nobody is being served."""
    LOCK = "lock"
    """Serve nobody until it is unlocked; `text` is shown, if there is any. Who is being served is served to the end."""
    UNLOCK = "unlock"
    MESSAGE = "message"
    """Show `text` while nobody is being served, until the order expires. A new one takes the place of the last."""
    BUNDLE = "bundle"
    """Collect what a technician needs to find a fault, and send it."""


class OrderFate(StrEnum):
    """What became of an order."""

    WAITING = "waiting"
    FETCHED = "fetched"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """This terminal cannot do that."""
    EXPIRED = "expired"
    """Nobody fetched it, or said what became of it, in time."""
    WITHDRAWN = "withdrawn"


MOST_MESSAGE = 60
"""Characters that are shown on a screen: two lines that can be read in passing."""


class TerminalOrder(Wire, frozen=True, kw_only=True):
    """One order."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    """Grows; an order is carried out once."""
    kind: OrderKind
    text: Annotated[str, msgspec.Meta(max_length=500)] = ""
    expires: Moment


class Orders(Wire, frozen=True, kw_only=True):
    """The orders that a terminal has not answered, the oldest first."""

    orders: Annotated[tuple[TerminalOrder, ...], msgspec.Meta(max_length=100)] = ()


class OrderSettled(Wire, frozen=True, kw_only=True):
    """A terminal says what became of an order: `done`, `failed` or `refused`."""

    fate: OrderFate
    detail: Annotated[str, msgspec.Meta(max_length=400)] = ""
