"""A USB device that exists in this process only, exported by USB/IP at an address that stays the same.

The device is one of the `usbip` package; how it is driven (answers, faults, plug) is as for `PtySimulator`.
"""

import contextlib
import queue
import socket
import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from usbip import protocol
from usbip.classes.device.hid import HID, vendor_report_descriptor
from usbip.device import Endpoint, In, Out, USBDevice
from usbip.function import Interface

from drivers.simulate.tcp_wire import listen
from drivers.simulate.wire import Spoiler, WireEnd

BUS_ID: Final = "1-1"


class UsbSimulator(WireEnd):
    """A simulated device on USB. It answers in a thread of its own, so that the bus goes on meanwhile.

    A subclass sets its own state before it calls `super().__init__()`: the device is on the bus from then on.

    Args:
        seed: of whatever is random.
    """

    driver: ClassVar[str]

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__(Spoiler(seed))
        self._port = 0
        self._listener: socket.socket | None = None
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._arrived: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.replug()

    @abstractmethod
    def device(self) -> USBDevice:
        """Make the device, as it is after power-up. Its OUT pipes end in `take`."""

    def powered_up(self) -> None:
        """The device got power: forget what a device forgets. Nothing by default."""
        return

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {"server": f"127.0.0.1:{self._port}", "path": BUS_ID}

    @property
    def plugged(self) -> bool:
        """Whether it is on the bus."""
        return self._listener is not None

    def take(self, data: bytes) -> None:
        """A transfer came in."""
        self._arrived.put(data)

    def unplug(self) -> None:
        """Take the device and its server away."""
        with self._plug:
            listener, self._listener = self._listener, None
            if listener is None:
                return
            self._gone.set()
            self._arrived.put(None)
            for link in (listener, *self._links):
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
            # the threads of a link begin in the listener's, so its end comes first
            for thread in self._threads:
                thread.join()
            listener.close()
            for link in self._links:
                link.close()
            self._links, self._threads = [], []

    def replug(self) -> None:
        """Export it again at the old address."""
        with self._plug:
            if self._listener is not None:
                return
            self._listener = listen(self._port)
            self._port = self._listener.getsockname()[1]
            self._arrived = queue.SimpleQueue()
            self._powered()
            exported = self.device().set_busid(BUS_ID)
            self._start(self._accept, self._listener, exported, self._gone)
            self._start(self._hear_all, self._arrived)

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, name=f"simulated {self.driver}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, exported: USBDevice, gone: threading.Event) -> None:
        served: list[threading.Thread] = []
        while not gone.is_set():
            try:
                link, _ = listener.accept()
            except OSError:
                break
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._links = [old for old in self._links if old.fileno() >= 0]
            self._links.append(link)
            name = f"simulated {self.driver}"
            server = threading.Thread(target=protocol.serve_connection, args=(link, [exported]), name=name, daemon=True)
            server.start()
            served = [old for old in served if old.is_alive()]
            served.append(server)
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for server in served:
            server.join()

    def _hear_all(self, arrived: "queue.SimpleQueue[bytes | None]") -> None:
        while (data := arrived.get()) is not None:
            if not self._hanging:
                self.heard(data)


class FourPipes(Interface):
    """Heads in one pair of pipes, bodies in the other. The class finds its pipes by these attributes."""

    bInterfaceClass = 0xFF  # noqa: N815  USB's own name, as the package wants it

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self.head_out = self._add_endpoint(Out(0x02))
        self.head_in = self._add_endpoint(In(0x81))
        self.body_out = self._add_endpoint(Out(0x06))
        self.body_in = self._add_endpoint(In(0x85))
        self._take = take

    def on_out(self, ep: Endpoint, data: bytes) -> None:
        """Heads and bodies come in the order they were sent."""
        del ep
        self._take(bytes(data))


class FourPipeSimulator(UsbSimulator):
    """A device that splits its frames over four pipes, after `head_size` bytes.

    Args:
        vid: vendor number.
        pid: product number.
        head_size: bytes of a frame that travel in the first pair of pipes.
        seed: of whatever is random.
    """

    def __init__(self, vid: int, pid: int, head_size: int, *, seed: int = 0) -> None:
        self._numbers = (vid, pid)
        self._head_size = head_size
        self._said = 0
        self._pipes: FourPipes | None = None
        super().__init__(seed=seed)

    def device(self) -> USBDevice:
        """One vendor interface with four bulk pipes."""
        made = USBDevice(*self._numbers, product="simulated", serial="S0001")
        self._pipes = FourPipes(self.take)
        made.add(self._pipes)
        return made

    def begin(self) -> None:
        """The next bytes are a head."""
        self._said = 0

    def put(self, piece: bytes) -> None:
        """The head into its pipe, the rest into the other, packet by packet."""
        if self._pipes is None:
            return
        head = piece[: max(0, self._head_size - self._said)]
        self._said += len(piece)
        if head:
            self._pipes.head_in.write(head)
        for at in range(len(head), len(piece), 512):
            self._pipes.body_in.write(piece[at : at + 512])


class HidSimulator(UsbSimulator):
    """A device that carries its frames in HID reports.

    Args:
        vid: vendor number.
        pid: product number.
        report_size: bytes in a report.
        prefix: what every report begins with.
        counted: whether a count follows.
        out_pipe: whether it has a pipe for output reports, or takes them over the control pipe.
        seed: of whatever is random.
    """

    def __init__(
        self,
        vid: int,
        pid: int,
        *,
        report_size: int = 64,
        prefix: bytes = b"",
        counted: bool = False,
        out_pipe: bool = True,
        seed: int = 0,
    ) -> None:
        self._numbers = (vid, pid)
        self._size = report_size
        self._prefix = prefix
        self._counted = counted
        self._out_pipe = out_pipe
        self._reports: HID | None = None
        super().__init__(seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        vid, pid = self._numbers
        return {
            **super().options,
            "vid": vid,
            "pid": pid,
            "report_size": self._size,
            "prefix": self._prefix.hex(),
            "counted": self._counted,
        }

    def device(self) -> USBDevice:
        """One HID interface with vendor-defined reports."""
        made = USBDevice(*self._numbers, product="simulated", serial="S0001")
        self._reports = HID(
            vendor_report_descriptor(self._size, self._size),
            in_mps=64,
            out_ep=0x01 if self._out_pipe else None,
            on_output=self._output,
        )
        made.add(self._reports)
        return made

    def put(self, piece: bytes) -> None:
        """Fill reports with it."""
        room = self._size - len(self._prefix) - self._counted
        for at in range(0, len(piece), room):
            part = piece[at : at + room]
            count = bytes([len(part)]) if self._counted else b""
            if self._reports is not None:
                self._reports.send_report((self._prefix + count + part).ljust(self._size, b"\0"))

    def _output(self, report: bytes) -> None:
        if len(report) != self._size or not report.startswith(self._prefix):
            return  # a device ignores what is not for it
        rest = report[len(self._prefix) :]
        self.take(rest[1 : 1 + rest[0]] if self._counted else rest)
