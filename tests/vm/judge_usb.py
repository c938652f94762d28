"""Linux' USB core, usbhid and libusb, and our readers on USB, which meet the usbip package only otherwise."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from kernel_side import PATIENCE_S, Judge, first, load, plug_in, wait_for

from drivers.errors import LinkError, NotPresent, WrongDevice
from drivers.id_reader.sam_v_hid import SamVHid, SamVHidOptions
from drivers.id_reader.sam_v_reader import SamVReader
from drivers.id_reader.sam_v_usb import SamVUsb, SamVUsbOptions
from drivers.kinds import IdCard
from drivers.simulate.sam_v import PHOTO_HEADER, SamVHidSimulator, SamVUsbSimulator, SimulatedCard

CARD: Final = SimulatedCard(
    name="欧阳测试",
    number="110101199003070011",
    birth=date(1990, 3, 7),
    address="北京市东城区某某街一号",
    issuer="北京市公安局东城分局",
    photo=PHOTO_HEADER + bytes(range(250)) * 4 + bytes(12),
)
NOWHERE: Final = Path("/nonexistent")


def usb_pipes(kernel: Path, judge: Judge) -> None:
    """Read a card over four pipes."""
    load(kernel, "vhci-hcd")
    reader = SamVUsbSimulator(NOWHERE)
    with plugged(reader) as place:
        judge_reader(reader, SamVUsb(SamVUsbOptions(path=place.name)), judge)
        elsewhere = SamVUsb(SamVUsbOptions(path=place.name, serial="S0002"))
        judge.fails("another number in its socket", elsewhere.open, WrongDevice)
        pull(reader, SamVUsb(SamVUsbOptions(path=place.name)), judge)


def usb_hid(kernel: Path, judge: Judge) -> None:
    """Read a card over HID reports."""
    judge_hid(kernel, judge, out_pipe=True)


def usb_hid_control(kernel: Path, judge: Judge) -> None:
    """Read a card over HID reports; the reader has no pipe for those that go out."""
    judge_hid(kernel, judge, out_pipe=False)


def judge_hid(kernel: Path, judge: Judge, *, out_pipe: bool) -> None:
    """The kernel's usbhid takes the reader first, and our driver takes it from there."""
    for module in ("vhci-hcd", "usbhid", "hid-generic"):
        load(kernel, module)
    reports = SamVHidSimulator(NOWHERE, out_pipe=out_pipe)
    with plugged(reports) as place:
        node = wait_for(lambda: first("/sys/class/hidraw", "hidraw*"), "the kernel making a hidraw node")
        judge.same("hidraw is of that socket", True, place.name in str(node.resolve()))
        chosen = {key: value for key, value in reports.options.items() if key != "server"} | {"path": place.name}
        reader = SamVHid(SamVHidOptions.model_validate(chosen))
        judge_reader(reports, reader, judge)
        judge.same("hidraw, once it is ours", False, node.exists())
        pull(reports, reader, judge)


@contextmanager
def plugged(simulator: SamVUsbSimulator | SamVHidSimulator) -> Iterator[Path]:
    """Plug a simulated reader in, without the kernel's knowing what it is; gives its folder in sysfs."""
    _, place = plug_in(int(str(simulator.options["server"]).rpartition(":")[2]))
    try:
        yield place
    finally:
        simulator.close()
        wait_for(lambda: not place.exists() or None, "the kernel seeing it pulled out")


def judge_reader(simulator: SamVUsbSimulator | SamVHidSimulator, reader: SamVReader, judge: Judge) -> None:
    """Read the card that lies there."""
    simulator.lay(CARD)
    reader.open()
    card = read(reader)
    told = (CARD.name, CARD.number, CARD.address, CARD.photo)
    judge.same("the card is read, with its photo", True, told == (card.name, card.number, card.address, card.photo))
    judge.same("it is offered once", None, reader.read())
    reader.close()


def pull(simulator: SamVUsbSimulator | SamVHidSimulator, reader: SamVReader, judge: Judge) -> None:
    """Pull it out while it is open."""
    reader.open()
    simulator.unplug()
    judge.fails("pulled out", lambda: read(reader), LinkError)
    reader.close()
    judge.fails("opened while it is out", reader.open, NotPresent)


def read(reader: SamVReader) -> IdCard:
    """Read until there is a card."""
    deadline = time.monotonic() + PATIENCE_S
    while (card := reader.read()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("no card was found")
    return card
