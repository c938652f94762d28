"""A code scanner that types, on its wire."""

import contextlib
import os
import pty
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.code_scanner.keyboard_wedge import STALE_S, KeyboardWedge, KeyboardWedgeOptions
from drivers.code_scanner.payload import LARGEST, Suffix
from drivers.errors import BadFrame, LinkError, NotPresent, WrongDevice
from drivers.simulate.contract import Garble
from drivers.simulate.keyboard_wedge import KeyboardWedgeSimulator, key_strokes

Make = Callable[..., tuple[KeyboardWedge, KeyboardWedgeSimulator]]
NUMBER = "110101199003070011"


@pytest.fixture
def make(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Make:
    def both(suffix: Suffix = Suffix.CR, sent: bytes = b"\r") -> tuple[KeyboardWedge, KeyboardWedgeSimulator]:
        simulator = KeyboardWedgeSimulator(tmp_path, suffix=sent, every=60)
        plugged_in.callback(simulator.close)
        driver = KeyboardWedge(KeyboardWedgeOptions(**simulator.options, suffix=suffix))
        plugged_in.callback(driver.close)
        driver.open()
        assert driver.scan(0) is None  # from now on somebody listens
        return driver, simulator

    return both


def payload_of(driver: KeyboardWedge) -> bytes | None:
    scan = driver.scan(10)
    return None if scan is None else scan.payload


@pytest.mark.parametrize(
    ("suffix", "sent"), [(Suffix.CR, b"\r"), (Suffix.CRLF, b"\r"), (Suffix.TAB, b"\t"), (Suffix.NONE, b"")]
)
def test_a_code(make: Make, suffix: Suffix, sent: bytes) -> None:
    driver, simulator = make(suffix, sent)
    simulator.show(b'{"id": "A012", "Hash": "~/x#=="}')
    assert payload_of(driver) == b'{"id": "A012", "Hash": "~/x#=="}'


def test_a_silence_ends_a_code_that_lacks_its_suffix(make: Make) -> None:
    driver, simulator = make(Suffix.CR, b"")
    simulator.show(b"no enter")
    assert payload_of(driver) == b"no enter"


def test_two_codes_at_once_are_read_one_after_the_other(make: Make) -> None:
    driver, simulator = make()
    simulator.type("\rfirst\r\rsecond\r")
    assert payload_of(driver) == b"first"
    assert payload_of(driver) == b"second"


def test_what_was_typed_while_nobody_listened_is_nobodys(make: Make) -> None:
    driver, simulator = make()
    simulator.type(f"{NUMBER}\r")
    time.sleep(STALE_S + 0.1)
    assert driver.scan(0.05) is None
    simulator.type("mine\r")
    assert payload_of(driver) == b"mine"


def test_a_code_in_pieces(make: Make) -> None:
    driver, simulator = make()
    simulator.garble(Garble.SPLIT)
    simulator.type("Split 42\r")
    assert payload_of(driver) == b"Split 42"


def test_the_rest_of_a_code_after_an_unplug_is_not_taken_for_one(make: Make) -> None:
    driver, simulator = make()
    stroke = key_strokes("partial")

    def type_and_pull() -> None:
        simulator.say(stroke)
        simulator.unplug()

    thread = threading.Thread(target=type_and_pull)
    thread.start()
    with pytest.raises(LinkError):
        driver.scan(10)
    thread.join()
    driver.close()
    with pytest.raises(NotPresent):
        driver.open()
    simulator.replug()
    driver.open()
    assert driver.scan(0.05) is None
    simulator.type("whole\r")
    assert payload_of(driver) == b"whole"


def test_shift_that_is_held_over_a_silence_still_counts(make: Make) -> None:
    driver, simulator = make()
    simulator.say(key_strokes("A")[:72])  # shift, sync, scan code
    assert driver.scan(0.05) is None
    simulator.say(key_strokes("A")[72:])
    assert payload_of(driver) == b"A"


def test_keys_that_stand_for_no_character(make: Make) -> None:
    driver, simulator = make()
    alt = key_strokes("a")[24:48].replace(b"\x1e\x00", b"\x38\x00")  # KEY_A → KEY_LEFTALT
    simulator.say(alt + key_strokes("1"))
    with pytest.raises(BadFrame):
        driver.scan(10)


def test_longer_than_any_code(make: Make) -> None:
    driver, simulator = make()
    thread = threading.Thread(target=simulator.type, args=["7" * (LARGEST + 1)])
    thread.start()
    with pytest.raises(BadFrame, match="longer"):
        driver.scan(10)
    simulator.unplug()
    thread.join()


def test_the_simulator_types_until_the_code_is_taken_away(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    simulator = KeyboardWedgeSimulator(tmp_path, every=0.05)
    plugged_in.callback(simulator.close)
    driver = KeyboardWedge(KeyboardWedgeOptions(**simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    simulator.show(b"again")
    assert payload_of(driver) == payload_of(driver) == b"again"
    simulator.hide()
    while driver.scan(0.3) is not None:
        pass


def test_with_the_grab_only_event_devices_will_do(plugged_in: contextlib.ExitStack, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    plugged_in.callback(os.close, master)
    plugged_in.callback(os.close, slave)
    driver = KeyboardWedge(KeyboardWedgeOptions(port=os.ttyname(slave)))
    with pytest.raises(WrongDevice):
        driver.open()
    driver.close()
    with pytest.raises(NotPresent):
        KeyboardWedge(KeyboardWedgeOptions(port=str(tmp_path / "none"))).open()
