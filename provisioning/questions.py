"""What is asked of an unknown device to learn what it is. Every question only reads: nothing is set, moved or printed.

A driver whose `open` and `probe` only ask is asked through them. Others switch a mode or lock a relay when they open:
for those the one question that changes nothing is asked here, on the same wire with the driver's own codec.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from drivers.barrier import lcus
from drivers.code_scanner import gm65, honeywell, newland
from drivers.code_scanner import ssi_packets as ssi
from drivers.code_scanner.menu_commands import find_answer, report_field
from drivers.contract import Driver, Identity
from drivers.errors import DeviceFault, WrongDevice
from drivers.registry import driver_class
from drivers.transport import modbus_rtu
from drivers.transport.serial_line import SerialLine
from provisioning.sockets import Socket, Wire

ASLEEP_S: Final = 1.2
"""A decoder that heard nothing for so long is asleep again, and has forgotten what it did not understand."""
Option = str | int | float | bool
Given = Mapping[str, Option]
"""Options as the site file has them."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What answered.

    Attributes:
        identity: as it names itself.
        drivers: those that fit, the likeliest first.
        why: what of the answer says so.
        needs: what the technician has to find out before it can be bound; empty where nothing is open.
    """

    identity: Identity
    drivers: tuple[str, ...]
    why: str
    needs: str = ""


@dataclass(frozen=True)
class Question:
    """One question, on one wire.

    Attributes:
        driver: who would be asked.
        options: with which it would be bound.
        ask: asks; raises `DriverError` when what answers is something else, or nothing does.
        close: ends a question that hangs; called from another thread.
    """

    driver: str
    options: Given
    ask: Callable[[], Answered]
    close: Callable[[], None] = field(default=lambda: None)


def _through_driver(key: str, options: Given, why: str, needs: str = "") -> Question:
    found = driver_class(key)
    device: Driver = found(found.options.model_validate(dict(options)))

    def ask() -> Answered:
        try:
            identity = device.open()
            device.probe()
        finally:
            device.close()
        return Answered(identity, (key,), why, needs)

    return Question(key, options, ask, device.close)


def _on_line(key: str, port: str, baud: int, work: Callable[[SerialLine], Answered]) -> Question:
    line = SerialLine(port, baud)

    def ask() -> Answered:
        line.open(time.monotonic() + 1.0)
        try:
            return work(line)
        finally:
            line.close()

    return Question(key, {"port": port}, ask, line.close)


def _gm65(line: SerialLine) -> Answered:
    line.write(gm65.read_register(gm65.VERSION), time.monotonic() + gm65.ANSWER_S)
    version = line.read_frame(gm65.find_answer, time.monotonic() + gm65.ANSWER_S).value
    identity = Identity(maker="Hangzhou Grow", model="GM65", firmware=f"{version:02x}")
    return Answered(identity, ("code_scanner/gm65",), "answered the question for its version register")


def _newland(line: SerialLine) -> Answered:
    line.write(newland.command(newland.SYSTEM), time.monotonic() + newland.REPORT_S)
    answer = line.read_frame(
        lambda received: find_answer(
            received, newland.SYSTEM, head=newland.ANSWER + newland.TEMPORARY, tail=newland.END
        ),
        time.monotonic() + newland.REPORT_S,
    )
    report = answer.values[0]
    identity = Identity(
        maker="Newland",
        model=report_field(report, "Product Name"),
        serial=report_field(report, "Serial Number"),
        firmware=report_field(report, "Firmware Version"),
    )
    return Answered(identity, ("code_scanner/newland",), "answered the query for its system information")


def _honeywell(line: SerialLine) -> Answered:
    line.write(honeywell.menu(honeywell.REVISION), time.monotonic() + honeywell.REPORT_S)
    answer = line.read_frame(
        lambda received: find_answer(received, honeywell.REVISION, tail=honeywell.VOLATILE),
        time.monotonic() + honeywell.REPORT_S,
    )
    identity = Identity(maker="Honeywell", model=report_field(answer.before, "Product Name"))
    return Answered(identity, ("code_scanner/honeywell",), "answered the query for its revision")


def _ssi(line: SerialLine) -> Answered:
    time.sleep(ASLEEP_S)  # what it was asked before woke it, and it would take this for the rest of that
    line.write(ssi.WAKE, time.monotonic() + 1.0)
    time.sleep(ssi.WAKE_S)  # the protocol wants it
    line.drain()
    line.write(ssi.packet(ssi.REQUEST_REVISION), time.monotonic() + 1.0)
    packet, _ = line.read_frame(
        lambda received: ssi.find_answer(received, (ssi.REPLY_REVISION, ssi.NAK)), time.monotonic() + 1.0
    )
    if packet.opcode == ssi.REPLY_REVISION:
        line.write(ssi.packet(ssi.ACK), time.monotonic() + 1.0)
    return Answered(
        Identity(model="SSI decoder", firmware=packet.data.split(b" ")[0].decode("ascii", "replace")[:20]),
        ("code_scanner/ssi",),
        "answered the request for its revision",
    )


def _lcus(line: SerialLine) -> Answered:
    line.write(lcus.command(1, lcus.Operation.SAY), time.monotonic() + 0.5)
    line.read_frame(lambda received: lcus.find_state(received, 1), time.monotonic() + 0.5)
    return Answered(Identity(maker="LC Technology", model="LCUS"), ("barrier/lcus",), "said how its first relay stands")


def _modbus(port: str, unit: int) -> Question:
    """A Modbus slave, told by what it has: believable temperatures, or relays, with inputs or without. Only read."""
    line = modbus_rtu.ModbusLine(port, 9600, 1.0)

    def answers(request: bytes) -> bytes | None:
        try:
            return line.ask(request)
        except DeviceFault:
            return None  # it is there and has no such registers

    def ask() -> Answered:
        line.open()
        try:
            registers = answers(modbus_rtu.read_registers(unit, 3, 0, 2))
            relays = answers(modbus_rtu.read_coils(unit, 0, 3))
            inputs = answers(modbus_rtu.read_discrete_inputs(unit, 0, 3))
        finally:
            line.close()
        if registers is not None and _believable(modbus_rtu.registers(registers)):
            identity = Identity(model=f"Modbus thermometer, unit {unit}")
            return Answered(identity, ("thermometer/modbus-rtu",), "its registers hold believable temperatures")
        if relays is None:
            raise WrongDevice(f"{port}: a Modbus device with neither temperatures nor relays")
        fits = ("lamp/modbus-relay", "barrier/modbus-relay")
        why = "answered for its relays" + ("" if inputs is None else " and its inputs")
        return Answered(
            Identity(model=f"Modbus relay board, unit {unit}"),
            fits if inputs is None else fits[::-1],
            why,
            "what is wired to its relays: gate or lamp",
        )

    return Question("barrier/modbus-relay", {"port": port}, ask, line.close)


def _believable(words: Sequence[int]) -> bool:
    """Whether two registers are an object's and the room's temperature, in hundredths of a degree as by default."""
    thing, room = (word - 0x10000 if word >= 0x8000 else word for word in words[:2])
    return -4000 <= thing <= 30000 and 500 <= room <= 5000


def _serial(socket: Socket) -> list[Question]:
    port = socket.address
    through: tuple[tuple[str, str], ...] = (
        ("printer/escpos-serial", "answered DLE EOT as a printer does"),
        ("id_reader/sam-v-serial", "its security module said how it is and which one it is"),
    )
    after: tuple[tuple[str, str], ...] = (
        ("thermometer/gy-614", "sent a reading with the right sum"),
        ("thermometer/cjmcu-90614", "sent a reading with the right check"),
        ("thermometer/gy-mcu90640", "sent a whole heat picture with the right sum"),
        ("presence/ld2410", "named its firmware and sent a report"),
        ("thermometer/mlx90614-smbus", "a bridge answered, and behind it a sensor with a number"),
    )
    return [
        # frames with a length or a check of their own first: garbage before them may keep such a device silent for long
        _modbus(port, 1),
        _on_line("code_scanner/ssi", port, 9600, _ssi),
        *(_through_driver(key, {"port": port}, why) for key, why in through),
        _on_line("code_scanner/gm65", port, 9600, _gm65),
        *(_through_driver(key, {"port": port}, why) for key, why in after),
        _on_line("barrier/lcus", port, 9600, _lcus),
        _on_line("code_scanner/newland", port, 9600, _newland),
        _on_line("code_scanner/honeywell", port, 115200, _honeywell),
    ]


_PRINTER_CLASS: Final = "07"
_SAM_V: Final = (0x0400, 0xC35A)


def _usb(socket: Socket) -> list[Question]:
    place = socket.place
    if place is None:
        return []
    here: dict[str, Option] = {"path": place.socket, "serial": place.serial}
    named: dict[str, Option] = {"vid": int(place.vendor, 16), "pid": int(place.product, 16), **here}
    if (named["vid"], named["pid"]) == _SAM_V:
        return [_through_driver("id_reader/sam-v-usb", _said(here), "its security module said which one it is")]
    if _PRINTER_CLASS in socket.classes:
        return [_through_driver("printer/escpos-usb", _said(named), "answered DLE EOT as a printer does")]
    return []


def _said(options: Given) -> Given:
    return {name: value for name, value in options.items() if value != ""}


def _network(socket: Socket) -> list[Question]:
    host, _, port = socket.address.rpartition(":")
    where: Given = {"host": host, "port": int(port)}
    return [
        *([_ipp(where)] if int(port) != 9100 else []),
        _through_driver("printer/escpos-tcp", where, "answered DLE EOT as a printer does"),
        _through_driver("camera/rtsp", {"url": f"rtsp://{host}:{port}/stream"}, "delivered a picture"),
    ]


def _ipp(where: Given) -> Question:
    return _through_driver("page_printer/ipp", {**where, "queue": "/ipp/print"}, "its queue answered")


def questions(socket: Socket) -> list[Question]:  # noqa: PLR0911  one answer a wire
    """Everything that is worth asking at a socket, the most harmless first."""
    match socket.wire:
        case Wire.SERIAL:
            return _serial(socket)
        case Wire.USB:
            return _usb(socket)
        case Wire.VIDEO:
            return [_through_driver("camera/uvc", {"device": socket.address}, "delivers pictures")]
        case Wire.PICTURES:
            return [_through_driver("camera/folder", {"path": socket.address}, "pictures keep appearing")]
        case Wire.SOUND:
            return [_through_driver("speaker/alsa", {"program": socket.address}, "took a moment of silence")]
        case Wire.NETWORK:
            return _network(socket)
        case Wire.KEYS:
            return []
