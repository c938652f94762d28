"""Wiegand: words against published vectors, and a converter on its wire."""

import contextlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import wiegand
from drivers.code_scanner.wiegand_serial import Form, WiegandSerial, WiegandSerialOptions
from drivers.errors import BadFrame, DriverError, LinkError
from drivers.simulate.contract import Garble
from drivers.simulate.wiegand_serial import WiegandSerialSimulator

# manualshive cn56, page 25, and dglimwlc, page 5: data, first bit, last bit
VECTORS = [("D41B81", "1", "0"), ("89D41B81", "1", "1"), ("166A37", "1", "0")]


@pytest.mark.parametrize(("data", "first", "last"), VECTORS)
def test_published_words(data: str, first: str, last: str) -> None:
    bits = first + f"{int(data, 16):0{len(data) * 4}b}" + last
    assert wiegand.word(bytes.fromhex(data)) == bits
    assert wiegand.from_word(bits) == wiegand.from_data(bytes.fromhex(data))


def test_the_published_bits_of_one_word() -> None:
    assert wiegand.word(bytes.fromhex("D41B81")) == "1" + "110101000001101110000001" + "0"


def test_facility_and_number() -> None:
    assert wiegand.from_hex_line(b"D41B81").text == b"212/7041"
    assert wiegand.from_hex_line(b"89d41b81").text == b"35284/7041"


@pytest.mark.parametrize(("data", "first", "last"), VECTORS)
def test_one_wrong_bit_is_always_found(data: str, first: str, last: str) -> None:
    bits = first + f"{int(data, 16):0{len(data) * 4}b}" + last
    for at, bit in enumerate(bits):
        with pytest.raises(BadFrame):
            wiegand.from_word(bits[:at] + ("1" if bit == "0" else "0") + bits[at + 1 :])


@given(st.binary(max_size=40))
def test_any_line(line: bytes) -> None:
    for read in (wiegand.from_hex_line, wiegand.from_bit_line):
        with contextlib.suppress(BadFrame):
            assert read(line).text.count(b"/") == 1


@given(st.one_of(st.binary(min_size=3, max_size=3), st.binary(min_size=4, max_size=4)))
def test_every_word_comes_back(data: bytes) -> None:
    assert wiegand.from_word(wiegand.word(data)) == wiegand.from_data(data)
    assert wiegand.from_hex_line(data.hex().encode()) == wiegand.from_data(data)


def test_a_token_does_not_show_itself() -> None:
    assert "7041" not in repr(wiegand.from_hex_line(b"D41B81"))


@pytest.fixture
def both(tmp_path: Path, plugged_in: contextlib.ExitStack) -> tuple[WiegandSerial, WiegandSerialSimulator]:
    simulator = WiegandSerialSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = WiegandSerial(WiegandSerialOptions.model_validate(simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


Both = tuple[WiegandSerial, WiegandSerialSimulator]


@pytest.mark.parametrize("how", [None, Garble.SPLIT])
def test_a_card(both: Both, how: Garble | None) -> None:
    driver, simulator = both
    if how is not None:
        simulator.garble(how)
    threading.Thread(target=simulator.show, args=(bytes.fromhex("D41B81"),)).start()
    scan = driver.scan(10)
    assert scan is not None
    assert scan.payload == b"212/7041"


@pytest.mark.parametrize("how", [Garble.TRUNCATED, Garble.GARBAGE])
def test_half_a_card_is_no_card(both: Both, how: Garble) -> None:
    driver, simulator = both
    simulator.garble(how)
    threading.Thread(target=simulator.show, args=(bytes.fromhex("D41B81"),)).start()
    with pytest.raises(BadFrame):
        driver.scan(10)


def test_no_card(both: Both) -> None:
    assert both[0].scan(0.1) is None


def test_a_card_that_nobody_waited_for_is_forgotten(both: Both) -> None:
    driver, simulator = both
    simulator.show(bytes.fromhex("D41B81"))
    driver.probe()
    assert driver.scan(0.1) is None


def test_closing_ends_the_wait(both: Both) -> None:
    driver, _ = both
    raised: list[type[DriverError]] = []

    def scan() -> None:
        try:
            driver.scan(10)
        except DriverError as error:
            raised.append(type(error))

    thread = threading.Thread(target=scan)
    thread.start()
    driver.close()
    thread.join(20)
    assert raised == [LinkError]


def test_a_converter_that_sends_bits(tmp_path: Path, plugged_in: contextlib.ExitStack, both: Both) -> None:
    both[0].close()
    simulator = both[1]
    driver = WiegandSerial(WiegandSerialOptions(port=str(simulator.address), form=Form.BITS))
    plugged_in.callback(driver.close)
    driver.open()
    word = wiegand.word(bytes.fromhex("89D41B81")).encode()
    simulator.say(word + b"\r")
    scan = driver.scan(10)
    assert scan is not None
    assert scan.payload == b"35284/7041"
    simulator.say(word[:-1] + b"0\r")
    with pytest.raises(BadFrame):
        driver.scan(10)
