"""What the face terminals that are asked over HTTP have in common: an address, a password, a number they must have."""

from collections.abc import Callable

from pydantic import Field

from drivers.contract import Identity, Options
from drivers.errors import BadFrame, WrongDevice


class PinnedOptions(Options):
    """Where the terminal is, and which one it has to be.

    Attributes:
        host: its address.
        port: TCP port.
        user: name of an account that may only read events and open the door.
        password: to it.
        serial: its serial number as it reports it. Another terminal at this address is turned away.
        door: which of its doors is opened.
    """

    host: str = Field(min_length=1)
    port: int = Field(default=80, ge=1, le=65535)
    user: str = Field(min_length=1)
    password: str = Field(repr=False)
    serial: str = Field(min_length=1, max_length=64)
    door: int = Field(default=1, ge=1, le=16)


def pinned(who: Callable[[], Identity | None], serial: str, where: str) -> Identity:
    """Make sure that the right terminal answers.

    The wrong one is never tried again, so it has to say who it is twice.

    Args:
        who: asks; None when the answer makes no sense.
        serial: the number it has to have.
        where: its address, for the error.

    Raises:
        WrongDevice: two answers agree that it is another one, or none of this make.
        BadFrame: two answers that do not agree.
    """
    first = who()
    if first is not None and first.serial == serial:
        return first
    second = who()
    if second is not None and second.serial == serial:
        return second
    if first != second:
        raise BadFrame(f"{where} says one thing and another of itself", b"")
    if second is None:
        raise WrongDevice(f"{where}: what answers is no terminal of this make")
    raise WrongDevice(f"{where} is number {second.serial or '?'}, not {serial}")
