"""The ID reader on its wire: cards that come, go, and are no good."""

import contextlib
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from drivers.errors import DeviceFault, LinkError, Remedy
from drivers.id_reader.sam_v_serial import SamVSerial, SamVSerialOptions
from drivers.kinds import DocumentKind, IdCard
from drivers.simulate.contract import Garble
from drivers.simulate.sam_v import PHOTO_HEADER, SamVSimulator, SimulatedCard

CARD = SimulatedCard(
    name="欧阳测试",
    number="110101199003070011",
    birth=date(1990, 3, 7),
    address="北京市东城区某某街一号",
    issuer="北京市公安局东城分局",
    valid_to=None,
    photo=PHOTO_HEADER + bytes(range(250)) * 4 + bytes(12),
)


@pytest.fixture
def reader(tmp_path: Path, plugged_in: contextlib.ExitStack) -> tuple[SamVSerial, SamVSimulator]:
    simulator = SamVSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = SamVSerial(SamVSerialOptions(port=str(simulator.options["port"])))
    plugged_in.callback(driver.close)
    return driver, simulator


Reader = tuple[SamVSerial, SamVSimulator]


def test_identity_is_the_printed_module_number(reader: Reader) -> None:
    assert reader[0].open().serial.startswith("05.03-20130521-")


def test_a_card_is_read_once_until_it_has_left_and_returned(reader: Reader) -> None:
    driver, simulator = reader
    driver.open()
    assert driver.read() is None
    simulator.lay(CARD)
    card = driver.read()
    assert card == IdCard(
        document=DocumentKind.RESIDENT,
        name="欧阳测试",
        number="110101199003070011",
        sex="1",
        nation="01",
        birth=date(1990, 3, 7),
        address="北京市东城区某某街一号",
        issuer="北京市公安局东城分局",
        valid_from=date(2015, 1, 1),
        valid_to=None,
        photo=CARD.photo,
    )
    assert driver.read() is None
    simulator.take_away()
    assert driver.read() is None
    simulator.lay(CARD)
    assert driver.read() == card
    assert simulator.reads == 2


@pytest.mark.parametrize(
    ("refusal", "fault"),
    [(0x31, "card_rejected"), (0x40, "wrong_card"), (0x41, "card_moved"), (0x66, "not_authorised")],
)
def test_a_card_that_is_no_good(reader: Reader, refusal: int, fault: str) -> None:
    driver, simulator = reader
    driver.open()
    simulator.lay(SimulatedCard(name="x", number="x", birth=CARD.birth, photo=bytes(1024), refusal=refusal))
    with pytest.raises(DeviceFault) as caught:
        driver.read()
    assert caught.value.fault == fault
    driver.probe()


@pytest.mark.parametrize("document", DocumentKind)
def test_every_kind_of_document(reader: Reader, document: DocumentKind) -> None:
    driver, simulator = reader
    driver.open()
    number = {"foreigner": "911101199003070019"}.get(document.value, CARD.number)
    simulator.lay(SimulatedCard(name="N" * 15, number=number, birth=CARD.birth, photo=bytes(1024), document=document))
    card = driver.read()
    assert card is not None
    assert (card.document, card.name, card.number) == (document, "N" * 15, number)


def test_a_card_taken_away_in_the_middle(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = reader
    driver.open()
    simulator.lay(CARD)
    reading = threading.Event()
    taken = threading.Event()

    def pause(seconds: float) -> None:
        if seconds > 0.1:  # the read itself
            reading.set()
            assert taken.wait(20)

    monkeypatch.setattr(simulator, "pause", pause)

    def take_away() -> None:
        assert reading.wait(20)
        simulator.take_away()
        taken.set()

    thread = threading.Thread(target=take_away)
    thread.start()
    with pytest.raises(DeviceFault) as caught:
        driver.read()
    thread.join()
    assert (caught.value.fault, caught.value.remedy) == ("card_moved", Remedy.WAIT)
    simulator.lay(CARD)
    monkeypatch.undo()
    assert driver.read() is not None


def test_unplugged_with_a_card_on_it(reader: Reader) -> None:
    driver, simulator = reader
    driver.open()
    simulator.lay(CARD)
    assert driver.read() is not None
    simulator.unplug()
    with pytest.raises(LinkError):
        driver.read()
    driver.close()
    simulator.replug()
    driver.open()
    assert driver.read() is not None


def test_a_big_answer_in_pieces(reader: Reader) -> None:
    driver, simulator = reader
    driver.open()
    simulator.lay(CARD)
    for how in (Garble.SPLIT, Garble.GARBAGE):
        simulator.garble(how)
        driver.probe()
    assert driver.read() is not None


def test_a_late_reply_is_not_taken_for_the_next_one(reader: Reader) -> None:
    driver, simulator = reader
    driver.open()
    simulator.lay(CARD)
    simulator.say(bytes.fromhex("AA AA AA 96 69 00 04 00 00 80 84"))  # find: no card, too late
    deadline = time.monotonic() + 20
    card = driver.read()
    while card is None and time.monotonic() < deadline:
        card = driver.read()
    assert card is not None
