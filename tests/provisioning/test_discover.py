"""What is plugged in is found by asking, and asking never moves or changes anything."""

import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import pytest

from drivers.barrier import lcus
from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator
from drivers.simulate.wire import PtySimulator
from drivers.transport import modbus_rtu
from kiosk.clock import WallClock
from provisioning.discover import Discovery, Verdict, discover, look_at
from provisioning.questions import questions
from provisioning.sockets import Socket, Wire, sockets


class Listener(PtySimulator):
    """A device that nobody knows: hears everything, and answers nothing, or always the same."""

    driver: ClassVar[str] = "none"

    def __init__(self, folder: Path, words: bytes = b"") -> None:
        self.words, self.asked = words, b""
        super().__init__(folder, "line")

    def heard(self, received: bytes) -> None:
        self.asked += received
        if self.words:
            self.say(self.words)


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def plug(cleanup: ExitStack, folder: Path, *keys: str) -> list[Simulator]:
    made: list[Simulator] = []
    for number, key in enumerate(keys):
        made.append(start(key, folder / f"port-{number}"))
        cleanup.callback(made[-1].close)
    return made


def found(folder: Path, *network: str) -> Discovery:
    return discover(sockets(simulate=folder, network=network), WallClock())


def all_found(folder: Path) -> Discovery:
    """Look again where a busy machine was too slow to hear a device in time."""
    seen = found(folder)
    for _ in range(2):
        if seen.report:
            seen = found(folder)
    return seen


SEVERAL = (
    "id_reader/sam-v-serial",
    "thermometer/gy-614",
    "thermometer/modbus-rtu",
    "code_scanner/gm65",
    "code_scanner/ssi",
    "code_scanner/newland",
    "code_scanner/honeywell",
    "printer/escpos-serial",
    "barrier/lcus",
)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_each_is_named_by_what_it_answers(tmp_path: Path, cleanup: ExitStack) -> None:
    plug(cleanup, tmp_path, *SEVERAL)
    by_port = {Path(one.address).parent.name: one for one in all_found(tmp_path).found if "inputs" not in one.address}
    named = [by_port[f"port-{number}"].fits[0].driver for number in range(len(SEVERAL))]
    assert named == list(SEVERAL)
    assert all(one.fits[0].why for one in by_port.values())
    assert by_port["port-0"].fits[0].serial


def test_equal_devices_are_called_twins(tmp_path: Path, cleanup: ExitStack) -> None:
    plug(cleanup, tmp_path, "code_scanner/gm65", "code_scanner/gm65")
    seen = all_found(tmp_path)
    assert len(seen.twins) == 1
    assert len(seen.twins[0]) == 2


def test_a_network_printer(tmp_path: Path, cleanup: ExitStack) -> None:
    (printer,) = plug(cleanup, tmp_path, "printer/escpos-tcp")
    seen = found(tmp_path, f"{printer.options['host']}:{printer.options['port']}")
    assert [fit.driver for one in seen.found for fit in one.fits] == ["printer/escpos-tcp"]


def writes_of_modbus(asked: bytes) -> list[bytes]:
    """Frames among the bytes that would write: functions 5, 6, 15 and 16, with the right check."""
    found: list[bytes] = []
    for at in range(len(asked) - 7):
        if asked[at + 1] in {5, 6}:
            found += [f for f in [asked[at : at + 8]] if modbus_rtu.frame(f[0], f[1], f[2:6]) == f]
        elif asked[at + 1] in {15, 16}:
            size = 9 + asked[at + 6]
            found += [
                f for f in [asked[at : at + size]] if len(f) == size and modbus_rtu.frame(f[0], f[1], f[2:-2]) == f
            ]
    return found


@pytest.mark.slow
def test_an_unknown_device_is_asked_harmlessly_and_reported(tmp_path: Path, cleanup: ExitStack) -> None:
    listener = Listener(tmp_path / "port-0")
    cleanup.callback(listener.close)
    seen = found(tmp_path)
    (one,) = seen.found
    assert one.unknown
    assert {tried.verdict for tried in one.tried} == {Verdict.SILENT}
    assert one.address in seen.report
    assert "maker and model" in seen.report
    assert writes_of_modbus(listener.asked) == []
    orders = {lcus.Operation.ON, lcus.Operation.ON_AND_SAY, lcus.Operation.TOGGLE_AND_SAY, lcus.Operation.OFF}
    assert not any(lcus.command(channel, order) in listener.asked for channel in range(1, 17) for order in orders)
    # every question was asked, so the test has heard them all
    assert len(one.tried) == len(questions(Socket(Wire.SERIAL, "/dev/none")))


def test_the_detector_of_writes_sees_one() -> None:
    write = modbus_rtu.write_coil(1, 0, modbus_rtu.COIL_ON)
    assert writes_of_modbus(b"\x00" + write + b"\x00") == [write]
    many = modbus_rtu.frame(1, 15, struct.pack(">HHBB", 0, 1, 1, 1))
    assert writes_of_modbus(many + b"\0") == [many]


def test_a_barrier_is_not_touched(tmp_path: Path, plugged: dict[str, Simulator]) -> None:
    board = next(socket for socket in sockets(simulate=tmp_path / "plugged") if "port-4" in socket.address)
    from tests.provisioning.technician import barrier_of

    before = list(barrier_of(plugged).journal)
    seen = look_at(board)
    assert {fit.driver for fit in seen.fits} == {"barrier/modbus-relay", "lamp/modbus-relay"}
    assert seen.fits[0].needs
    assert barrier_of(plugged).journal == before


@pytest.mark.slow
def test_one_who_babbles_is_unknown_not_something(tmp_path: Path, cleanup: ExitStack) -> None:
    listener = Listener(tmp_path / "port-0", b"ERROR\r\n")
    cleanup.callback(listener.close)
    assert found(tmp_path).found[0].unknown


def test_a_port_that_another_program_holds(tmp_path: Path, cleanup: ExitStack) -> None:
    (thermometer,) = plug(cleanup, tmp_path, "thermometer/gy-614")
    from drivers.thermometer.gy_614 import Gy614, Gy614Options

    holder = Gy614(Gy614Options(port=str(thermometer.options["port"])))
    holder.open()
    cleanup.callback(holder.close)
    (one,) = found(tmp_path).found
    assert not one.fits
    assert not one.unknown
    assert one.tried[-1].verdict is Verdict.AWAY
    assert one.note


def usb_device(sys: Path, socket: str, vendor: str, product: str, serial: str = "", *, tty: str = "") -> None:
    device = sys / "devices/pci0000:00/usb1" / socket
    interface = device / f"{socket}:1.0"
    interface.mkdir(parents=True)
    for name, text in (("idVendor", vendor), ("idProduct", product), ("serial", serial), ("bDeviceClass", "00")):
        (device / name).write_text(f"{text}\n")
    (interface / "bInterfaceClass").write_text("ff\n" if tty else "07\n")
    (sys / "bus/usb/devices").mkdir(parents=True, exist_ok=True)
    (sys / "bus/usb/devices" / socket).symlink_to(device)
    if tty:
        node = interface / tty / "tty" / tty
        node.mkdir(parents=True)
        (node / "uevent").write_text(f"MAJOR=188\nDEVNAME={tty}\n")
        (sys / "class/tty").mkdir(parents=True, exist_ok=True)
        (sys / "class/tty" / tty).symlink_to(node)


def test_sockets_as_sysfs_has_them(tmp_path: Path) -> None:
    usb_device(tmp_path, "1-1", "1a86", "7523", tty="ttyUSB0")
    usb_device(tmp_path, "1-2", "1a86", "7523", tty="ttyUSB1")
    usb_device(tmp_path, "1-3", "04b8", "0202", "J5K1")
    seen = {socket.address: socket for socket in sockets(sys=tmp_path, dev=tmp_path / "dev")}
    assert seen["usb:1-1/1a86:7523"].wire in {Wire.SERIAL, Wire.USB}
    assert [s.node for s in sockets(sys=tmp_path, dev=tmp_path) if s.wire is Wire.SERIAL] == [
        "/dev/ttyUSB0",
        "/dev/ttyUSB1",
    ]
    printer = seen["usb:1-3/04b8:0202/J5K1"]
    assert printer.classes == ("07",)
    assert [question.driver for question in questions(printer)] == ["printer/escpos-usb"]
    assert questions(printer)[0].options == {"vid": 0x04B8, "pid": 0x0202, "path": "1-3", "serial": "J5K1"}
