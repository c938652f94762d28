"""The event nodes of one input device (keyboard wedge, button), read as one line of whole `struct input_event`.

Read straight from the descriptors, so that deadlines and closing work as on any line; evdev finds the nodes and grabs
them. A device may have several nodes (keys, media keys, a pointer): all of them are taken, or what is typed on the one
that was left out would reach whatever has the focus.
"""

import errno
import os
import select
import struct
from pathlib import Path
from typing import Final

import evdev

from drivers.errors import Effect, LinkError, NotPresent, WrongDevice
from drivers.transport.line import Line

EVENT: Final = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value (linux/input.h)."""


class InputLine(Line):
    """All event nodes of the device to which one node belongs.

    Args:
        node: any node of the device; `/dev/input/by-path/…` names the socket.
        grab: take the nodes exclusively. Without it the node is only read, and need not be the kernel's.
    """

    def __init__(self, node: str, *, grab: bool) -> None:
        super().__init__(node)
        self._grab = grab
        self._devices: list[evdev.InputDevice[str]] = []
        self._begun: dict[int, bytes] = {}  # by descriptor: what came of an event
        self._ready = select.epoll()
        self._ready.close()

    @property
    def device(self) -> evdev.InputDevice[str] | None:
        """The node itself, as evdev sees it; None while it is closed or not the kernel's."""
        return self._devices[0] if self._devices else None

    def check(self) -> None:
        """Look whether it is still there, without reading.

        Raises:
            LinkError: it is not.
        """
        with self._in_use:
            self._check_open(Effect.NO)
            if any(event & (select.EPOLLHUP | select.EPOLLERR) for _, event in self._ready.poll(0)):
                raise LinkError(f"{self.address}: hung up")

    def _connect(self, deadline: float) -> int:  # noqa: ARG002  opening a node does not wait
        self._ready = select.epoll()
        try:
            if self._grab:
                self._devices = _nodes_of_one_device(self.address)
                for device in self._devices:
                    device.grab()
                self._begun = {device.fd: b"" for device in self._devices}
            else:
                self._begun = {os.open(self.address, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC): b""}
        except OSError as error:
            if error.errno in {errno.ENOTTY, errno.EINVAL}:
                raise WrongDevice(f"{self.address} is no event device") from error
            raise NotPresent(f"{self.address}: {error}") from error
        for fd in self._begun:
            self._ready.register(fd, select.EPOLLIN)
        return self._ready.fileno()

    def _disconnect(self) -> None:
        fds = [] if self._devices else list(self._begun)
        for device in self._devices:
            device.close()  # the kernel lets go of the grab with the descriptor
        for fd in fds:
            os.close(fd)
        self._devices, self._begun = [], {}
        self._ready.close()

    def _receive(self, limit: int, effect: Effect) -> bytes:
        whole = b""
        for fd, _ in self._ready.poll(0):
            try:
                received = os.read(fd, max(1, limit // EVENT.size) * EVENT.size)
            except BlockingIOError:
                continue
            except OSError as error:
                raise LinkError(f"{self.address}: {error}", effect=effect) from error
            if not received:
                raise LinkError(f"{self.address}: hung up", effect=effect)
            self._note_received(received)
            received = self._begun[fd] + received
            end = len(received) - len(received) % EVENT.size
            whole += received[:end]
            self._begun[fd] = received[end:]
        return whole


def _nodes_of_one_device(node: str) -> list[evdev.InputDevice[str]]:
    """Open a node, and every other node of its folder that is on the same plug.

    Raises:
        OSError: it cannot be opened.
    """
    first = evdev.InputDevice(os.path.realpath(node))
    plug = first.phys.rsplit("/", 1)[0]  # usb-0000:00:14.0-3/input0
    found = [first]
    for other in evdev.list_devices(str(Path(os.fsdecode(first.path)).parent)):
        if not plug or other == first.path:
            continue
        device = evdev.InputDevice(other)
        if device.phys.rsplit("/", 1)[0] == plug and device.info == first.info:
            found.append(device)
        else:
            device.close()
    return found
