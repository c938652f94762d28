"""USB lines: pipes, servers that answer nonsense, and a machine without libusb."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usbip.device import Endpoint, In, Out, USBDevice
from usbip.function import Interface

from drivers.errors import DeviceFault, DriverError, LinkError, NoAnswer, NotPresent, Remedy, WrongDevice
from drivers.simulate.tcp_wire import listen
from drivers.simulate.usb_wire import UsbSimulator
from drivers.transport.usb import UsbOptions, UsbPipes


class Pipes(Interface):
    """A printer's interface: one bulk pipe each way."""

    bInterfaceClass = 7  # noqa: N815  USB's own name, as the package wants it

    def __init__(self, simulator: UsbSimulator) -> None:
        super().__init__()
        self.out = self._add_endpoint(Out(0x01))
        self.into = self._add_endpoint(In(0x82))
        self.simulator = simulator

    def on_out(self, ep: Endpoint, data: bytes) -> None:
        self.simulator.take(bytes(data))


class Echo(UsbSimulator):
    """Says what it hears."""

    driver = "none"

    def device(self) -> USBDevice:
        made = USBDevice(0x1209, 0x0002)
        self.pipes = Pipes(self)
        made.add(self.pipes)
        return made

    def put(self, piece: bytes) -> None:
        self.pipes.into.write(piece)

    def heard(self, received: bytes) -> None:
        self.say(received)


def soon(seconds: float = 10) -> float:
    return time.monotonic() + seconds


def options(server: str, **more: int) -> UsbOptions:
    return UsbOptions.model_validate({"vid": 0x1209, "pid": 0x0002, "server": server, **more})


@pytest.fixture
def echo(plugged_in: contextlib.ExitStack) -> Echo:
    simulator = Echo()
    plugged_in.callback(simulator.close)
    return simulator


@pytest.fixture
def pipes(echo: Echo, plugged_in: contextlib.ExitStack) -> UsbPipes:
    line = UsbPipes(options(str(echo.options["server"])), interface_class=7)
    plugged_in.callback(line.close)
    line.open(soon())
    return line


def test_bytes_travel_both_ways(pipes: UsbPipes) -> None:
    assert pipes.is_open
    sent = bytes(range(256)) * 40
    pipes.write(sent, soon())
    assert pipes.read_exactly(len(sent), soon()) == sent
    pipes.write(b"more", soon())
    assert pipes.read_some(soon(), limit=2) == b"mo"
    assert pipes.read_some(soon()) == b"re"


def test_drained_bytes_are_gone(pipes: UsbPipes, echo: Echo) -> None:
    echo.say(b"late")
    pipes.drain()
    pipes.write(b"now", soon())
    assert pipes.read_some(soon()) == b"now"
    echo.say(b"unread")
    assert pipes.read_some(soon(), limit=2) == b"un"
    pipes.drain()
    with pytest.raises(NoAnswer):
        pipes.read_some(soon(0.05))


def test_nothing_is_lost_at_the_deadline(pipes: UsbPipes, echo: Echo) -> None:
    """A transfer that is taken back just when the bytes come: they are in it, or in the next one."""
    for number in range(60):
        word = struct.pack("!I", number)
        speaker = threading.Timer(0.002, echo.say, (word,))
        speaker.name = "simulated speaker"
        speaker.start()
        received = b""
        while len(received) < 4:
            with contextlib.suppress(NoAnswer):
                received += pipes.read_some(soon(0.002))
        assert received == word
        speaker.join()


def test_closed_from_another_thread(pipes: UsbPipes) -> None:
    waiting = threading.Timer(0.05, pipes.close)
    waiting.start()
    with pytest.raises(LinkError):
        pipes.read_some(soon(30))
    waiting.join()
    assert not pipes.is_open
    with pytest.raises(LinkError):
        pipes.write(b"x", soon())
    pipes.close()


def test_unplugged(pipes: UsbPipes, echo: Echo) -> None:
    echo.unplug()
    with pytest.raises(LinkError):
        pipes.read_some(soon())
    pipes.close()
    with pytest.raises(NotPresent):
        pipes.open(soon())
    echo.replug()
    pipes.open(soon())
    pipes.open(soon())
    pipes.write(b"back", soon())
    assert pipes.read_some(soon()) == b"back"


def test_an_interface_of_another_class(echo: Echo) -> None:
    line = UsbPipes(options(str(echo.options["server"])), interface_class=0xFF)
    with contextlib.closing(line), pytest.raises(WrongDevice):
        line.open(soon())
    assert not line.is_open


def test_a_machine_without_libusb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.transport.usb.libusb1.get_backend", lambda: None)
    with contextlib.closing(UsbPipes(UsbOptions(vid=1, pid=1))) as line, pytest.raises(DeviceFault) as caught:
        line.open(soon())
    assert (caught.value.fault, caught.value.remedy) == ("no_libusb", Remedy.TECHNICIAN)


class Babbler:
    """A server that answers every request with the next of some answers, and hangs up when it is asked no more."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.listener = listen(0)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.listener.accept()
                link.settimeout(0.02)
                with link, contextlib.suppress(OSError):
                    while self.answers and link.recv(4096):
                        link.sendall(self.answers.pop(0))

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(20)
        self.listener.close()


@pytest.fixture(scope="module")
def babbler() -> Iterator[Babbler]:
    server = Babbler()
    yield server
    server.close()


RECORD = struct.pack("!256s32sIIIHHHBBBBBB", b"/sys", b"1-1", 1, 2, 2, 0x1209, 0x0002, 1, 0, 0, 0, 1, 1, 1)
LIST = struct.pack("!HHII", 0x0111, 0x0005, 0, 1) + RECORD + bytes(4)
IMPORT = struct.pack("!HHI", 0x0111, 0x0003, 0) + RECORD


@settings(max_examples=60)
@given(begun=st.integers(0, 2), nonsense=st.lists(st.binary(max_size=120), max_size=4))
def test_a_server_that_answers_nonsense(babbler: Babbler, begun: int, nonsense: list[bytes]) -> None:
    """Whatever it says at whichever step, what leaves is one of our errors."""
    babbler.answers = [*[LIST, IMPORT][:begun], *nonsense]
    port = babbler.listener.getsockname()[1]
    with contextlib.closing(UsbPipes(options(f"127.0.0.1:{port}"))) as line, pytest.raises(DriverError):
        line.open(soon())


CONFIGURATION = bytes.fromhex("0902190001010080320904000001ff000000")


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40).map(lambda noise: CONFIGURATION + noise), min_size=1, max_size=3))
def test_a_device_whose_descriptors_are_nonsense(babbler: Babbler, descriptors: list[bytes]) -> None:
    def result(sequence: int, data: bytes) -> bytes:
        return struct.pack("!IIIIIii20x", 3, sequence, 0, 0, 0, 0, len(data)) + data

    replies = [result(1, b"\1")]
    replies += [result(2 + at, part) for at, part in enumerate(part for one in descriptors for part in (one[:9], one))]
    babbler.answers = [LIST, IMPORT, *replies]
    port = babbler.listener.getsockname()[1]
    with contextlib.closing(UsbPipes(options(f"127.0.0.1:{port}"))) as line, pytest.raises(DriverError):
        line.open(soon())
