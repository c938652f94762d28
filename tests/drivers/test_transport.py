"""Lines of bytes: a serial port on a pty, and a TCP connection."""

import contextlib
import os
import pty
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame, DeviceFault, DriverError, Effect, LinkError, NoAnswer, NotPresent
from drivers.transport.line import Line
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine
from drivers.transport.tcp import TcpLine


class Ends:
    """A line and the other end of it."""

    def __init__(
        self, line: Line, send: Callable[[bytes], object], receive: Callable[[int], bytes], cut: Callable[[], None]
    ) -> None:
        self.line, self.send, self.receive, self.cut = line, send, receive, cut


@contextlib.contextmanager
def serial_ends() -> Iterator[Ends]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    cut = contextlib.ExitStack()
    cut.callback(os.close, slave)
    cut.callback(os.close, master)
    line = SerialLine(os.ttyname(slave), 9600)
    line.open(soon())
    with cut, contextlib.closing(line):
        yield Ends(line, lambda data: os.write(master, data), lambda size: os.read(master, size), cut.close)


@contextlib.contextmanager
def tcp_ends() -> Iterator[Ends]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = TcpLine("127.0.0.1", server.getsockname()[1])
        line.open(soon())
        far, _ = server.accept()
        with far, contextlib.closing(line):
            yield Ends(line, far.sendall, far.recv, far.close)


@pytest.fixture(params=[serial_ends, tcp_ends], ids=["serial", "tcp"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    with request.param() as both:
        yield both


def write_much(line: Line) -> None:
    """TCP notices at a later write that the other end is gone."""
    for _ in range(100):
        line.write(b"anybody?", soon())


def soon(seconds: float = 10) -> float:
    return time.monotonic() + seconds


def test_bytes_travel_both_ways(ends: Ends) -> None:
    ends.line.write(b"\x00\x03\x0d\xff", soon())
    assert ends.receive(10) == b"\x00\x03\x0d\xff"
    ends.send(b"\x00\x11\x13\x0a\xff")
    assert ends.line.read_exactly(5, soon()) == b"\x00\x11\x13\x0a\xff"
    ends.send(b"more")
    assert ends.line.read_some(soon(), limit=2) == b"mo"


def test_silence(ends: Ends) -> None:
    with pytest.raises(NoAnswer):
        ends.line.read_some(soon(0.01))
    with pytest.raises(NoAnswer):
        ends.line.read_exactly(1, time.monotonic() - 1)


def test_half_an_answer(ends: Ends) -> None:
    ends.send(b"half")
    with pytest.raises(BadFrame) as caught:
        ends.line.read_exactly(8, soon(0.1))
    assert caught.value.frame == b"half"


def test_a_frame_in_pieces(ends: Ends) -> None:
    ends.send(b"one\ntw")
    found = ends.line.read_frame(lambda received: received.partition(b"\n")[0] if b"\n" in received else None, soon())
    assert found == b"one"


def test_a_frame_that_never_ends(ends: Ends) -> None:
    stop = threading.Event()

    def flood() -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                ends.send(b"x" * 1000)

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    with pytest.raises(BadFrame):
        ends.line.read_frame(lambda _: None, soon(30))
    stop.set()
    ends.line.drain()


def test_draining(ends: Ends) -> None:
    ends.send(b"old")
    assert ends.line.read_some(soon(), limit=1) == b"o"
    ends.line.drain()
    ends.line.drain()
    with pytest.raises(NoAnswer):
        ends.line.read_some(soon(0.01))
    ends.send(b"new")
    assert ends.line.read_exactly(3, soon()) == b"new"


def test_a_cut_line(ends: Ends) -> None:
    ends.cut()
    with pytest.raises(LinkError):
        ends.line.read_some(soon())
    with pytest.raises(LinkError):
        write_much(ends.line)
    ends.line.close()
    ends.line.close()


def test_a_line_that_takes_no_more(ends: Ends) -> None:
    with pytest.raises(NoAnswer) as caught:
        ends.line.write(bytes(20_000_000), soon(0.2))
    assert caught.value.effect is Effect.UNKNOWN


def test_close_ends_a_waiting_call(ends: Ends) -> None:
    raised: list[DriverError] = []

    def wait() -> None:
        try:
            ends.line.read_some(soon(50))
        except DriverError as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    ends.line.close()
    thread.join(20)
    assert not thread.is_alive()
    assert [type(error) for error in raised] == [LinkError]
    assert not ends.line.is_open


def test_closed_lines_say_so_and_open_again(ends: Ends) -> None:
    ends.line.close()
    for call in (lambda: ends.line.read_some(soon()), ends.line.drain):
        with pytest.raises(LinkError):
            call()
    with pytest.raises(LinkError) as caught:
        ends.line.write(b"x", soon())
    assert caught.value.effect is Effect.NO


def test_a_serial_port_is_opened_by_one_program_only() -> None:
    with serial_ends() as ends:
        rival = SerialLine(ends.line.address, 9600)
        with pytest.raises(NotPresent):
            rival.open(soon())
        ends.line.close()
        rival.open(soon())
        rival.close()


def test_a_killed_program_leaves_the_port_free() -> None:
    with serial_ends() as ends:
        ends.line.close()
        code = (
            "import time; from drivers.transport.serial_line import SerialLine;"
            f"line = SerialLine({ends.line.address!r}, 9600); line.open(time.monotonic() + 5);"
            "print('open', flush=True); time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
            try:
                assert child.stdout is not None
                assert child.stdout.readline() == b"open\n"
                with pytest.raises(NotPresent):
                    ends.line.open(soon())
            finally:
                child.kill()
        ends.line.open(soon())


def test_no_such_port(tmp_path: Path) -> None:
    with pytest.raises(NotPresent):
        SerialLine(str(tmp_path / "nothing"), 9600).open(soon())
    (tmp_path / "file").write_text("no port")
    with pytest.raises(NotPresent):
        SerialLine(str(tmp_path / "file"), 9600).open(soon())


def test_settings_that_no_port_has() -> None:
    with serial_ends() as ends:
        ends.line.close()
        with pytest.raises(DeviceFault) as caught:
            SerialLine(ends.line.address, -1).open(soon())
    assert caught.value.fault == "bad_line_settings"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotPresent):
        TcpLine("127.0.0.1", port).open(soon())
    with pytest.raises(NotPresent):
        TcpLine("256.1.1.1", port).open(soon())


def test_a_host_that_does_not_answer_at_all() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        callers = [socket.socket() for _ in range(4)]
        try:
            for caller in callers:  # the queue is full: further calls are not taken
                caller.settimeout(0)
                caller.connect_ex(busy.getsockname())
            line = TcpLine(*busy.getsockname())
            with pytest.raises(NotPresent):
                line.open(soon(0.2))
        finally:
            for caller in callers:
                caller.close()


def test_descriptors_do_not_leak() -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    with serial_ends() as ends:
        ends.line.close()
        before = descriptors()
        for _ in range(20):
            ends.line.open(soon())
            ends.line.close()
            with pytest.raises(NotPresent):
                SerialLine("/dev/nothing", 9600).open(soon())
        assert descriptors() == before


@given(st.binary(min_size=2, max_size=6), st.data())
def test_one_wrong_byte_is_still_the_same_device(header: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(header) - 1))
    spoilt = header[:at] + bytes([header[at] ^ 0x55]) + header[at + 1 :]
    assert resembles(header, header)
    assert resembles(spoilt, header) or len(header) < 4


@pytest.mark.parametrize("size", range(1, 5))
def test_a_cut_header_is_still_the_same_device(size: int) -> None:
    assert resembles(b"\xaa\xaa\xaa\x96\x69"[:size], b"\xaa\xaa\xaa\x96\x69")


@pytest.mark.parametrize("words", [b"ERROR\r\n", b"+OK\r\n", bytes.fromhex("01 83 02 C0 F1")])
def test_other_words_are_another_device(words: bytes) -> None:
    assert not resembles(words, b"\xaa\xaa\xaa\x96\x69")
