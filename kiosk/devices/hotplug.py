"""Notices what is plugged in and pulled out, and has the devices concerned looked at without waiting.

A short cut, never the only way: the supervisor finds out by itself, a little later. Events come from the kernel through
udev; where there is none, sysfs is looked at twice a second.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import anyio
import anyio.to_thread
import pyudev
from pydantic import BaseModel

from drivers.match import Properties, parse_place, socket_of
from drivers.transport.usb_socket import SUBSYSTEMS, SYS, plugged_in
from kiosk.log import logger

WAIT_S: Final = 1.0
LOOK_EVERY_S: Final = 0.5
_UDEV: Final = Path("/run/udev/control")
_log = logger("hotplug")


class Plug(StrEnum):
    """What happened at a socket."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Change:
    """Something was plugged in or pulled out. `node` is its path under `/dev`, `socket` empty off the USB."""

    plug: Plug
    node: str
    socket: str
    links: frozenset[str] = frozenset()


class Changes(Protocol):
    """A source of changes, used in one thread."""

    def wait(self, within: float) -> tuple[Change, ...]:
        """Wait for changes, at most so many seconds; none when there were none."""
        ...


class Hinted(Protocol):
    """A device that can be told to look at once."""

    def hint(self) -> None:
        """Something changed where it is plugged in."""
        ...


@dataclass(frozen=True)
class Watched:
    """A device of the site file and where it is.

    Attributes:
        addresses: what its options say of that: USB places and paths. Empty for one on the network.
    """

    device: Hinted
    addresses: tuple[str, ...]

    def concerned_by(self, change: Change) -> bool:
        """Whether a change is at its place."""
        return any(_concerns(address, change) for address in self.addresses)


def addresses_of(options: BaseModel) -> tuple[str, ...]:
    """Where a device is plugged in, by its options: every place or path of a device among them."""
    found: list[str] = []
    for name, value in options:
        if isinstance(value, str) and (parse_place(value) is not None or value.startswith("/dev/")):
            found.append(value)
        elif name == "device" and isinstance(value, int):
            found.append(f"/dev/video{value}")
    return tuple(found)


def _concerns(address: str, change: Change) -> bool:
    place = parse_place(address)
    if place is not None:
        return change.socket == place.socket
    if address in {change.node, *change.links}:
        return True
    # a link that udev makes: while it is away nobody knows which node it will name
    is_link = address.startswith(("/dev/serial/", "/dev/v4l/", "/dev/input/by-", "/dev/disk/"))
    return is_link and bool(change.socket)


def change_of(action: str | None, properties: Properties) -> Change | None:
    """Read an event of udev; None when it is about something else."""
    plug = {"add": Plug.IN, "remove": Plug.OUT}.get(action or "")
    node = properties.get("DEVNAME", "")
    if plug is None or not node:
        return None
    return Change(plug, node, socket_of(properties), frozenset(properties.get("DEVLINKS", "").split()))


class UdevChanges:
    """Changes as udev tells them, after it has given the nodes their names and owners.

    Raises:
        OSError: there is no udev.
    """

    def __init__(self) -> None:
        try:
            context = pyudev.Context()
            self._monitor = pyudev.Monitor.from_netlink(context, "udev")
        except ImportError as error:  # pyudev's way to say that the library is missing
            raise OSError("no libudev") from error
        for subsystem in SUBSYSTEMS:
            self._monitor.filter_by(subsystem)
        self._monitor.start()

    def wait(self, within: float) -> tuple[Change, ...]:
        """Wait for an event. See `Changes.wait`."""
        event = self._monitor.poll(within)
        change = change_of(event.action, dict(event.properties)) if event is not None else None
        return (change,) if change is not None else ()


class PolledChanges:
    """Changes as sysfs shows them from one look to the next.

    Args:
        sys: where sysfs is.
    """

    def __init__(self, sys: Path = SYS) -> None:
        self._sys = sys
        self._known = self._look()

    def _look(self) -> dict[tuple[str, str], Change]:
        nodes: Iterable[Properties] = plugged_in(self._sys)
        changes = [change for node in nodes if (change := change_of("add", node)) is not None]
        return {(change.node, change.socket): change for change in changes}

    def wait(self, within: float) -> tuple[Change, ...]:
        """Look until something has changed. See `Changes.wait`."""
        time.sleep(min(within, LOOK_EVERY_S))
        now, before = self._look(), self._known
        self._known = now
        gone = [Change(Plug.OUT, one.node, one.socket) for key, one in before.items() if key not in now]
        return (*gone, *(one for key, one in now.items() if key not in before))


def open_changes(control: Path = _UDEV) -> Changes:
    """The best source there is here.

    Args:
        control: what exists while a udev runs.
    """
    if control.exists():
        try:
            return UdevChanges()
        except OSError as error:
            _log.warning("udev cannot be heard; looking twice a second instead", detail=str(error))
    return PolledChanges()


class HotPlug:
    """Hints to each device what happens where it is plugged in.

    Args:
        watched: the devices; looked at whenever something happens, so that it may grow.
        source: where changes come from; the best there is when left out.
    """

    def __init__(self, watched: Sequence[Watched], source: Changes | None = None) -> None:
        self._watched = watched
        self._source = source
        self._limiter = anyio.CapacityLimiter(1)  # not one of those that the rest of the program shares

    async def run(self) -> None:
        """Watch until cancelled."""
        source = self._source if self._source is not None else await anyio.to_thread.run_sync(open_changes)
        while True:
            changes = await anyio.to_thread.run_sync(source.wait, WAIT_S, abandon_on_cancel=True, limiter=self._limiter)
            for change in changes:
                concerned = [one for one in self._watched if one.concerned_by(change)]
                for one in concerned:
                    one.device.hint()
                if concerned:
                    _log.info("plugged " + change.plug.value, path=change.node, detail=change.socket)
