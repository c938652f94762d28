"""Every command of a SAM_V module over every wire it has: serial line, four USB pipes, HID reports."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from usbip import protocol
from usbip.device import In, USBDevice
from usbip.function import Interface

from drivers.contract import Driver
from drivers.errors import BadFrame, DeviceFault, LinkError, NotPresent, Remedy, WrongDevice
from drivers.id_reader.sam_v_hid import SamVHid, SamVHidOptions
from drivers.id_reader.sam_v_reader import SamVReader
from drivers.id_reader.sam_v_usb import SamVUsb, SamVUsbOptions
from drivers.kinds import DocumentKind
from drivers.registry import driver_class
from drivers.simulate.contract import Garble
from drivers.simulate.sam_v import (
    PHOTO_HEADER,
    SamV,
    SamVHidSimulator,
    SamVSimulator,
    SamVUsbSimulator,
    SimulatedCard,
)
from drivers.simulate.tcp_wire import listen
from drivers.simulate.usb_wire import FourPipes, FourPipeSimulator, UsbSimulator
from drivers.transport.usb import find

PRINTS = bytes(range(1, 201)) * 5 + bytes(24)
CARD = SimulatedCard(
    name="欧阳测试",
    number="110101199003070011",
    birth=date(1990, 3, 7),
    address="北京市东城区某某街一号",
    issuer="北京市公安局东城分局",
    valid_to=None,
    photo=PHOTO_HEADER + bytes(range(250)) * 4 + bytes(12),
    fingerprints=PRINTS,
    appended_address="北京市西城区某某路二号",
)
BARE = SimulatedCard(name="某某", number="110101199003070011", birth=CARD.birth, photo=CARD.photo)

AnySimulator = SamVSimulator | SamVUsbSimulator | SamVHidSimulator
Plug = Callable[..., tuple[SamVReader, AnySimulator]]


@pytest.fixture(autouse=True)
def quick_module(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("_FIND_S", "_SELECT_S", "_READ_S"):
        monkeypatch.setattr(f"drivers.simulate.sam_v.{pause}", 0.001)


@pytest.fixture(params=[SamVSimulator, SamVUsbSimulator, SamVHidSimulator], ids=["serial", "usb", "hid"])
def plug(request: pytest.FixtureRequest, tmp_path: Path, plugged_in: contextlib.ExitStack) -> Plug:
    def plug_in(**options: bool) -> tuple[SamVReader, AnySimulator]:
        simulator: AnySimulator = request.param(tmp_path)
        plugged_in.callback(simulator.close)
        found = driver_class(simulator.driver)
        driver = found(found.options.model_validate({**simulator.options, **options}))
        assert isinstance(driver, SamVReader)
        plugged_in.callback(driver.close)
        driver.open()
        return driver, simulator

    return plug_in


def test_text_and_photo_only_unless_asked_for_more(plug: Plug) -> None:
    driver, simulator = plug()
    assert driver.read() is None
    simulator.lay(CARD)
    card = driver.read()
    assert card is not None
    assert (card.name, card.number, card.valid_to, card.photo) == (CARD.name, CARD.number, None, CARD.photo)
    assert (card.fingerprints, card.appended_address) == (b"", "")
    assert driver.read() is None  # 80 after a read: it still lies there


def test_fingerprints_and_the_newest_address(plug: Plug) -> None:
    driver, simulator = plug(read_fingerprints=True, read_appended_address=True)
    simulator.lay(CARD)
    card = driver.read()
    assert card is not None
    assert (card.name, card.photo, card.fingerprints) == (CARD.name, CARD.photo, PRINTS)
    assert card.appended_address == "北京市西城区某某路二号"
    assert card.address == "北京市东城区某某街一号"
    assert not any(part in repr(card) for part in (CARD.name, "fingerprint", PRINTS.hex()[:8], "西城"))


def test_a_card_with_neither_is_no_error(plug: Plug) -> None:
    driver, simulator = plug(read_fingerprints=True, read_appended_address=True)
    simulator.lay(BARE)
    card = driver.read()
    assert card is not None
    assert (card.name, card.fingerprints, card.appended_address) == (BARE.name, b"", "")


def test_one_finger(plug: Plug) -> None:
    driver, simulator = plug(read_fingerprints=True)
    simulator.lay(SimulatedCard(name="x", number="x", birth=CARD.birth, photo=CARD.photo, fingerprints=PRINTS[:512]))
    card = driver.read()
    assert card is not None
    assert card.fingerprints == PRINTS[:512]


def test_reset_and_status(plug: Plug) -> None:
    driver, _ = plug()
    driver.reset()
    driver.probe()


def test_a_reader_without_reset(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = plug()
    monkeypatch.setattr(simulator, "_reset", lambda: bytes.fromhex("AAAAAA966900040000 21 25"))
    driver.reset()
    monkeypatch.setattr(simulator, "_reset", lambda: bytes.fromhex("AAAAAA966900040000 60 64"))
    with pytest.raises(DeviceFault) as caught:
        driver.reset()
    assert caught.value.fault == "self_test_failed"


def test_a_foreigners_permit_of_2017(plug: Plug) -> None:
    driver, simulator = plug()
    simulator.lay(
        SimulatedCard(
            name="TESTER, ANNA",
            number="XXX110090030701",
            birth=CARD.birth,
            photo=CARD.photo,
            document=DocumentKind.FOREIGNER,
            nationality="FRA",
            old_permit=True,
        )
    )
    card = driver.read()
    assert card is not None
    assert (card.name, card.number, card.nationality) == ("TESTER, ANNA", "XXX110090030701", "FRA")


def test_the_address_of_a_card_that_left(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new address that exists and was not read must not look like none."""
    driver, simulator = plug(read_appended_address=True)
    simulator.lay(CARD)
    taken = simulator._newest_address

    def too_late() -> bytes:
        simulator.take_away()
        return taken()

    monkeypatch.setattr(simulator, "_newest_address", too_late)
    with pytest.raises(DeviceFault) as caught:
        driver.read()
    assert (caught.value.fault, caught.value.remedy) == ("card_moved", Remedy.WAIT)
    simulator.lay(CARD)
    monkeypatch.undo()
    assert driver.read() is not None


@pytest.mark.parametrize("how", Garble)
def test_the_big_answer_spoilt(plug: Plug, how: Garble, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = plug()
    simulator.lay(CARD)
    read = simulator._read_text

    def spoilt(**asked: bool) -> bytes:
        simulator.garble(how)
        return read(**asked)

    monkeypatch.setattr("drivers.id_reader.sam_v_reader.READ_S", 0.5)
    monkeypatch.setattr(simulator, "_read_text", spoilt)
    if how in {Garble.SPLIT, Garble.GARBAGE}:
        card = driver.read()
        assert card is not None
        assert card.name == CARD.name
        return
    with pytest.raises(BadFrame):
        driver.read()
    monkeypatch.undo()
    simulator.lay(CARD)
    assert driver.read() is not None


def test_unplugged_in_the_middle_of_an_answer(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = plug()
    simulator.lay(CARD)
    reading = threading.Event()

    def read() -> bytes:
        reading.set()
        simulator.pause(20)
        return b""

    monkeypatch.setattr(simulator, "_read_text", lambda **_: read())

    def pull() -> None:
        assert reading.wait(20)
        simulator.unplug()

    puller = threading.Thread(target=pull)
    puller.start()
    monkeypatch.setattr("drivers.id_reader.sam_v_reader.READ_S", 20)
    monkeypatch.setattr("drivers.id_reader.sam_v_reader.WHOLE_READ_S", 20)
    with pytest.raises(LinkError):
        driver.read()
    puller.join()
    monkeypatch.undo()
    driver.close()
    simulator.replug()
    driver.open()
    assert driver.read() is not None


# ---------------------------------------------------------------------------------------------------------------
# What only USB has


@pytest.mark.parametrize("prefix", [b"", b"\x01", b"\x05\xa5\x5a"])
@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("out_pipe", [False, True])
def test_reports_as_makers_please(
    tmp_path: Path, plugged_in: contextlib.ExitStack, prefix: bytes, *, counted: bool, out_pipe: bool
) -> None:
    simulator = SamVHidSimulator(tmp_path, prefix=prefix, counted=counted, out_pipe=out_pipe)
    plugged_in.callback(simulator.close)
    driver = SamVHid(SamVHidOptions.model_validate({**simulator.options, "read_fingerprints": True}))
    plugged_in.callback(driver.close)
    driver.open()
    simulator.lay(CARD)
    card = driver.read()
    assert card is not None
    assert (card.name, card.fingerprints) == (CARD.name, PRINTS)


@pytest.fixture
def usb(tmp_path: Path, plugged_in: contextlib.ExitStack) -> SamVUsbSimulator:
    simulator = SamVUsbSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    return simulator


def server_of(simulator: UsbSimulator) -> str:
    return str(simulator.options["server"])


@pytest.mark.parametrize("options", [{"path": "1-1"}, {"serial": "S0001"}, {"path": "1-1", "serial": "S0001"}, {}])
def test_bound_by_socket_or_serial_number(usb: SamVUsbSimulator, options: dict[str, str]) -> None:
    with contextlib.closing(SamVUsb(SamVUsbOptions.model_validate({"server": server_of(usb), **options}))) as driver:
        assert driver.open().serial.startswith("05.03-")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"path": "1-2"}, NotPresent),
        ({"serial": "S0002"}, NotPresent),
        ({"pid": 0xC35B}, NotPresent),
        ({"path": "1-1", "pid": 0xC35B}, WrongDevice),
        ({"path": "1-1", "serial": "S0002"}, WrongDevice),
    ],
)
def test_another_device_than_meant(usb: SamVUsbSimulator, options: dict[str, str], error: type[Exception]) -> None:
    with contextlib.closing(SamVUsb(SamVUsbOptions.model_validate({"server": server_of(usb), **options}))) as driver:
        for _ in range(2):  # the failed try has left nothing behind
            with pytest.raises(error):
                driver.open()


def test_nobody_serves() -> None:
    with contextlib.closing(SamVUsb(SamVUsbOptions(server="127.0.0.1:1"))) as driver, pytest.raises(NotPresent):
        driver.open()


class OnePipe(Interface):
    """Some other device with the same numbers."""

    only = In(0x81)


class Impostor(FourPipeSimulator):
    driver = "none"

    def device(self) -> USBDevice:
        made = USBDevice(0x0400, 0xC35A)
        made.add(OnePipe())
        return made

    def heard(self, received: bytes) -> None:
        raise AssertionError(received)


class Talker(FourPipeSimulator):
    """The right pipes, and another language in them."""

    driver = "none"

    def heard(self, received: bytes) -> None:
        self.say(b"ERROR: NO SUCH COMMAND\r\n")


@pytest.mark.parametrize("kind", [Impostor, Talker])
def test_something_else_with_these_numbers(kind: type[FourPipeSimulator], plugged_in: contextlib.ExitStack) -> None:
    simulator = kind(0x0400, 0xC35A, 7)
    plugged_in.callback(simulator.close)
    driver: Driver = SamVUsb(SamVUsbOptions(server=server_of(simulator)))
    plugged_in.callback(driver.close)
    with pytest.raises(WrongDevice):
        driver.open()


@pytest.fixture
def two_equal_readers(plugged_in: contextlib.ExitStack) -> str:
    """The address of a server with two readers, told apart by socket and serial number only."""
    devices = [USBDevice(0x0400, 0xC35A, serial=f"S000{number}").set_busid(f"1-{number}") for number in (1, 2)]
    for device in devices:
        device.add(FourPipes(lambda _: None))
    listener = plugged_in.enter_context(listen(0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = listener.accept()
                threads.append(threading.Thread(target=protocol.serve_connection, args=(link, devices)))
                threads[-1].start()

    def stop() -> None:
        listener.shutdown(socket.SHUT_RDWR)
        for thread in threads:  # the first one adds the others
            thread.join(20)

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    plugged_in.callback(stop)
    return f"127.0.0.1:{listener.getsockname()[1]}"


def test_two_equal_readers_want_to_be_told_apart(two_equal_readers: str) -> None:
    with pytest.raises(DeviceFault) as caught:
        find(SamVUsbOptions(server=two_equal_readers))
    assert (caught.value.fault, caught.value.remedy) == ("ambiguous", Remedy.TECHNICIAN)


@pytest.mark.parametrize(
    ("options", "path"), [({"path": "1-2"}, (2,)), ({"serial": "S0002"}, (2,)), ({"serial": "S0001"}, (1,))]
)
def test_two_equal_readers_told_apart(two_equal_readers: str, options: dict[str, str], path: tuple[int, ...]) -> None:
    assert find(SamVUsbOptions.model_validate({"server": two_equal_readers, **options})).port_numbers == path


def test_the_published_exchange_in_four_pipes(plugged_in: contextlib.ExitStack) -> None:
    """AAAAAA96690003|200122 → AAAAAA96690008|00009F0000000097, as the specification splits it."""
    heard: list[bytes] = []

    class Published(FourPipeSimulator):
        driver = "none"

        def heard(self, received: bytes) -> None:
            heard.append(received)
            if len(heard) == 2:
                self.say(bytes.fromhex("AAAAAA96690008 00009F0000000097"))

    simulator = Published(0x0400, 0xC35A, 7)
    plugged_in.callback(simulator.close)
    driver = SamVUsb(SamVUsbOptions(server=server_of(simulator)))
    plugged_in.callback(driver.close)
    driver._line.open(time.monotonic() + 5)
    reply = driver._ask(b"\x20\x01", time.monotonic() + 5)
    assert heard == [bytes.fromhex("AAAAAA96690003"), bytes.fromhex("200122")]
    assert (reply.status, reply.data) == (0x9F, bytes(4))


def test_simulators_of_all_wires_share_one_module() -> None:
    assert all(issubclass(kind, SamV) for kind in (SamVSimulator, SamVUsbSimulator, SamVHidSimulator))
