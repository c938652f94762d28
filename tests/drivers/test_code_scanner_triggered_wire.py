"""Code scanners that read when they are told to, each on its wire."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.code_scanner.gm65 import Gm65
from drivers.code_scanner.honeywell import Honeywell
from drivers.code_scanner.newland import Newland
from drivers.code_scanner.payload import LARGEST
from drivers.code_scanner.ssi import Ssi
from drivers.errors import BadFrame, DeviceFault, LinkError, Remedy
from drivers.simulate.gm65 import Gm65Simulator
from drivers.simulate.honeywell import HoneywellSimulator
from drivers.simulate.newland import NewlandSimulator
from drivers.simulate.ssi_scanner import SsiSimulator
from drivers.simulate.triggered_scanner import TriggeredScanner

type_of_driver = {Gm65: Gm65Simulator, Honeywell: HoneywellSimulator, Newland: NewlandSimulator, Ssi: SsiSimulator}
Scanner = Gm65 | Honeywell | Newland | Ssi
Make = Callable[..., tuple[Scanner, TriggeredScanner]]
each = pytest.mark.parametrize("driver", type_of_driver)


@pytest.fixture
def make(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Make:
    def both(driver: type[Scanner], *, opened: bool = True, **how: str | bytes) -> tuple[Scanner, TriggeredScanner]:
        simulator = type_of_driver[driver](tmp_path, **how)
        plugged_in.callback(simulator.close)
        scanner = driver(driver.options(**simulator.options))
        plugged_in.callback(scanner.close)
        if opened:
            scanner.open()
        return scanner, simulator

    return both


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@each
@pytest.mark.parametrize(
    "payload", ["健康码".encode("gb18030"), "预约 A012".encode(), b"7" * LARGEST], ids=["gb", "utf8", "max"]
)
def test_a_code(make: Make, driver: type[Scanner], payload: bytes) -> None:
    scanner, simulator = make(driver)
    simulator.show(payload)
    scan = scanner.scan(10)
    assert scan is not None
    assert scan.payload == payload
    wait_for(lambda: not simulator.light)


@each
def test_a_code_that_is_shown_later_and_is_unplugged_after(make: Make, driver: type[Scanner]) -> None:
    scanner, simulator = make(driver)

    def show() -> None:
        wait_for(lambda: simulator.light)
        simulator.show(b"late")

    def pull() -> None:
        wait_for(lambda: simulator.light)
        simulator.unplug()

    thread = threading.Thread(target=show)
    thread.start()
    scan = scanner.scan(10)
    thread.join()
    assert scan is not None
    assert scan.payload == b"late"
    simulator.hide()
    thread = threading.Thread(target=pull)
    thread.start()
    with pytest.raises(LinkError):
        scanner.scan(10)
    thread.join()


@each
def test_nothing_shown_and_the_light_is_off_again(make: Make, driver: type[Scanner]) -> None:
    scanner, simulator = make(driver)
    assert scanner.scan(0.05) is None
    wait_for(lambda: not simulator.light)


@each
def test_nothing_is_ever_saved(make: Make, driver: type[Scanner]) -> None:
    scanner, simulator = make(driver, opened=False)
    sent: list[bytes] = []
    heard = simulator.heard

    def tap(received: bytes) -> None:
        sent.append(received)
        heard(received)

    simulator.heard = tap
    scanner.open()
    scanner.probe()
    simulator.show(b"once")
    assert scanner.scan(10) is not None
    simulator.hide()
    assert scanner.scan(0.05) is None
    scanner.close()
    wire = b"".join(sent)
    assert wire
    assert simulator.saved == 0
    assert b"\x7e\x00\x09" not in wire  # GM65: write the settings to flash
    assert b"~\x010000@" not in wire  # Newland: a permanent setting
    if driver is Honeywell:
        assert b"." not in wire  # the other storage table
        assert wire.count(b"\x16M\r") == wire.count(b"!") == 3
    if driver is Ssi:
        assert all(frame[3] & 0x08 == 0 for frame in ssi_frames(wire))  # a permanent change of parameters


def ssi_frames(wire: bytes) -> list[bytes]:
    frames = []
    while wire := wire.lstrip(b"\0"):
        frames.append(wire[: wire[0] + 2])
        wire = wire[wire[0] + 2 :]
    assert {frame[1] for frame in frames} >= {0xC6, 0xE4, 0xE5, 0xD0}
    return frames


@pytest.mark.parametrize("driver", [Gm65, Honeywell, Newland])
def test_half_a_code_is_no_code(make: Make, driver: type[Scanner]) -> None:
    scanner, simulator = make(driver, suffix=b"")
    simulator.show(b"half")
    with pytest.raises(BadFrame):
        scanner.scan(10)


def test_ssi_bare_codes_of_a_gm72(make: Make) -> None:
    scanner, simulator = make(Ssi, data="bare")
    simulator.show(b"bare")
    scan = scanner.scan(10)
    assert scan is not None
    assert scan.payload == b"bare"


def test_ssi_a_scanner_that_knows_no_packets_says_so(make: Make) -> None:
    _, simulator = make(Ssi, data="bare", opened=False)
    scanner = Ssi(Ssi.options(port=str(simulator.options["port"]), data="packets"))
    with pytest.raises(DeviceFault) as raised:
        scanner.open()
    scanner.close()
    assert (raised.value.fault, raised.value.remedy) == ("bad_context", Remedy.TECHNICIAN)


def test_ssi_wakes_a_sleeping_scanner(make: Make) -> None:
    scanner, simulator = make(Ssi)
    assert isinstance(simulator, SsiSimulator)
    time.sleep(1.1)  # asleep now: what is not woken first gets no answer
    scanner.probe()


def test_ssi_a_lost_acknowledgement_doubles_nothing(make: Make) -> None:
    scanner, simulator = make(Ssi)
    assert isinstance(simulator, SsiSimulator)
    simulator.lose_ack()
    simulator.show(b"a" * 300)
    scan = scanner.scan(10)
    assert scan is not None
    assert scan.payload == b"a" * 300


def test_ssi_longer_than_any_code_is_refused_for_good(make: Make) -> None:
    scanner, simulator = make(Ssi)
    assert isinstance(simulator, SsiSimulator)
    simulator.show(b"7" * (LARGEST + 300))
    with pytest.raises(BadFrame):
        scanner.scan(10)
    wait_for(lambda: simulator.cancelled)


def test_ssi_no_read_is_no_code(make: Make) -> None:
    scanner, simulator = make(Ssi)
    simulator.show(b"NR")
    assert scanner.scan(10) is None


@pytest.mark.parametrize(("driver", "model"), [(Honeywell, "N3680"), (Newland, "FM430")])
def test_identity(make: Make, driver: type[Scanner], model: str) -> None:
    scanner, _ = make(driver, opened=False)
    identity = scanner.open()
    assert identity.model == model
    assert identity.serial
    assert identity.firmware


def test_newland_in_another_mode_is_a_fault(make: Make) -> None:
    scanner, simulator = make(Newland)
    simulator.unplug()
    simulator.replug()  # forgets what was temporary
    scanner.close()
    scanner._line.open(time.monotonic() + 1)
    with pytest.raises(DeviceFault, match="NAK"):
        scanner.scan(1)
