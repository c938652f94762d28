"""The code scanner on its wire."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.code_scanner.gm65 import Gm65, Gm65Options, Mode
from drivers.code_scanner.payload import LARGEST, Suffix
from drivers.errors import BadFrame, LinkError
from drivers.simulate.gm65 import Gm65Simulator

Make = Callable[..., tuple[Gm65, Gm65Simulator]]


@pytest.fixture
def make(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Make:
    def both(suffix: Suffix = Suffix.CR, sent: bytes = b"\r", mode: Mode = Mode.COMMAND) -> tuple[Gm65, Gm65Simulator]:
        simulator = Gm65Simulator(tmp_path, suffix=sent)
        plugged_in.callback(simulator.close)
        driver = Gm65(Gm65Options(port=str(simulator.options["port"]), suffix=suffix, mode=mode))
        plugged_in.callback(driver.close)
        driver.open()
        return driver, simulator

    return both


@pytest.mark.parametrize(
    ("suffix", "sent"),
    [(Suffix.CR, b"\r"), (Suffix.LF, b"\n"), (Suffix.CRLF, b"\r\n"), (Suffix.TAB, b"\t"), (Suffix.NONE, b"")],
)
@pytest.mark.parametrize("mode", Mode)
def test_a_code(make: Make, suffix: Suffix, sent: bytes, mode: Mode) -> None:
    driver, simulator = make(suffix, sent, mode)
    simulator.show("健康码".encode("gb18030"))
    scan = driver.scan(10)
    assert scan is not None
    assert scan.payload.decode("gb18030") == "健康码"
    assert not simulator.light


def test_nothing_shown_and_the_light_is_off_again(make: Make) -> None:
    driver, simulator = make()
    assert driver.scan(0.1) is None
    assert not simulator.light


def test_a_code_that_is_shown_later(make: Make) -> None:
    driver, simulator = make()

    def show() -> None:
        while not simulator.light:
            pass
        simulator.show(b"late")

    thread = threading.Thread(target=show)
    thread.start()
    scan = driver.scan(10)
    thread.join()
    assert scan is not None
    assert scan.payload == b"late"


def test_a_code_that_was_taken_away_is_not_read(make: Make) -> None:
    driver, simulator = make()
    simulator.show(b"gone")
    simulator.hide()
    assert driver.scan(0.1) is None


def test_the_largest_code(make: Make) -> None:
    driver, simulator = make()
    simulator.show(b"7" * LARGEST)
    scan = driver.scan(10)
    assert scan is not None
    assert len(scan.payload) == LARGEST


def test_longer_than_any_code(make: Make) -> None:
    driver, simulator = make()
    simulator.show(b"7" * (LARGEST + 10))
    with pytest.raises(BadFrame):
        driver.scan(10)
    assert not simulator.light


def test_half_a_code_is_no_code(make: Make) -> None:
    driver, simulator = make(Suffix.CR, b"")
    simulator.show(b"half")
    with pytest.raises(BadFrame):
        driver.scan(10)


def test_settings_are_never_saved(make: Make) -> None:
    driver, simulator = make()
    driver.scan(0.05)
    assert simulator.saved == 0


def test_unplugged_while_it_looks(make: Make) -> None:
    driver, simulator = make()

    def pull() -> None:
        while not simulator.light:
            pass
        simulator.unplug()

    thread = threading.Thread(target=pull)
    thread.start()
    with pytest.raises(LinkError):
        driver.scan(10)
    thread.join()
