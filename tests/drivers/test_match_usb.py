"""Which device is meant, by the socket it is plugged into."""

import os
import pty
import tty
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import match
from drivers.errors import NotPresent, WrongDevice
from drivers.match import UsbPlace, node_at, parse_place, place_of, socket_of
from drivers.transport.usb_socket import plugged_in, resolve

BUS = "/devices/pci0000:00/0000:00:14.0/usb1/1-1"


def scanner(node: str, port: int, serial: str = "") -> match.Properties:
    """A CH340 as udev shows it: two of them have the same numbers and no serial."""
    return {
        "DEVNAME": f"/dev/{node}",
        "DEVPATH": f"{BUS}/1-1.{port}/1-1.{port}:1.0/{node}/tty/{node}",
        "SUBSYSTEM": "tty",
        "ID_VENDOR_ID": "1A86",
        "ID_MODEL_ID": "7523",
        "ID_SERIAL_SHORT": serial,
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("usb:1-1.2", UsbPlace("1-1.2")),
        ("usb:3-4", UsbPlace("3-4")),
        ("usb:1-1.2.3/1A86:7523", UsbPlace("1-1.2.3", "1a86", "7523")),
        ("usb:1-1/1a86:7523/A50285BI", UsbPlace("1-1", "1a86", "7523", "A50285BI")),
        ("/dev/ttyUSB0", None),
        ("usb:", None),
        ("usb:1", None),
        ("usb:1-1/7523", None),
        ("usb:1-1.2/1a86:7523/", None),
    ],
)
def test_places_in_a_site_file(text: str, place: UsbPlace | None) -> None:
    assert parse_place(text) == place


@given(st.text(max_size=40))
def test_any_text_is_a_place_or_not(text: str) -> None:
    for one in (text, f"usb:{text}"):
        place = parse_place(one)
        assert place is None or parse_place(str(place)) == place


def test_two_equal_scanners_stay_apart_however_they_wake_up() -> None:
    first = [scanner("ttyUSB0", 2), scanner("ttyUSB1", 3)]
    second = [scanner("ttyUSB1", 2), scanner("ttyUSB0", 3)]
    for port in (2, 3):
        place = UsbPlace(f"1-1.{port}", "1a86", "7523")
        assert node_at(place, "tty", first) == f"/dev/ttyUSB{port - 2}"
        assert node_at(place, "tty", second) == f"/dev/ttyUSB{3 - port}"


def test_a_swapped_one_is_noticed() -> None:
    other = {**scanner("ttyUSB0", 2), "ID_VENDOR_ID": "067b", "ID_MODEL_ID": "2303"}
    with pytest.raises(WrongDevice, match="067b:2303"):
        node_at(UsbPlace("1-1.2", "1a86", "7523"), "tty", [other])
    assert node_at(UsbPlace("1-1.2"), "tty", [other]) == "/dev/ttyUSB0"
    twins = [scanner("ttyUSB0", 2, "B"), scanner("ttyUSB1", 3, "A")]
    with pytest.raises(WrongDevice, match="another one of the same model"):
        node_at(UsbPlace("1-1.2", "1a86", "7523", "A"), "tty", twins)


def test_one_in_another_socket_is_named() -> None:
    with pytest.raises(NotPresent, match=r"one like it is in 1-1\.3"):
        node_at(UsbPlace("1-1.2", "1a86", "7523"), "tty", [scanner("ttyUSB0", 3)])
    with pytest.raises(NotPresent):
        node_at(UsbPlace("1-1.2"), "hidraw", [scanner("ttyUSB0", 2)])
    with pytest.raises(NotPresent):
        node_at(UsbPlace("1-1"), "tty", [scanner("ttyUSB0", 2)])  # the hub is not what hangs on it


def test_the_first_of_several_nodes() -> None:
    camera = [
        {
            "DEVNAME": f"/dev/video{n}",
            "DEVPATH": f"{BUS}/1-1.4/1-1.4:1.0/video4linux/video{n}",
            "SUBSYSTEM": "video4linux",
        }
        for n in (10, 9)
    ]
    assert node_at(UsbPlace("1-1.4"), "video4linux", camera) == "/dev/video9"


def test_what_hangs_on_no_socket() -> None:
    assert socket_of({"DEVPATH": "/devices/platform/serial8250/tty/ttyS0"}) == ""
    assert place_of({}) is None
    assert place_of(scanner("ttyUSB0", 2, "A")) == UsbPlace("1-1.2", "1a86", "7523", "A")


def plug(sys: Path, node: str, port: int, serial: str = "") -> Path:
    """Plug a serial adapter into a made-up sysfs, with its class link as the kernel makes it."""
    usb = sys / f"devices/pci0000:00/usb1/1-1/1-1.{port}"
    device = usb / f"1-1.{port}:1.0/{node}/tty/{node}"
    device.mkdir(parents=True)
    for name, value in {"idVendor": "1a86", "idProduct": "7523", "serial": serial}.items():
        if value:
            (usb / name).write_text(value + "\n", encoding="ascii")
    (device / "uevent").write_text(f"MAJOR=188\nMINOR=0\nDEVNAME={node}\n", encoding="ascii")
    link = sys / "class/tty" / node
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(device, link.parent))
    return link


def test_sysfs_is_read_as_udev_would(tmp_path: Path) -> None:
    plug(tmp_path, "ttyUSB0", 2, "A")
    link = plug(tmp_path, "ttyUSB1", 3)
    assert [place_of(one) for one in plugged_in(tmp_path)] == [
        UsbPlace("1-1.2", "1a86", "7523", "A"),
        UsbPlace("1-1.3", "1a86", "7523"),
    ]
    assert resolve("usb:1-1.3/1a86:7523", "tty", tmp_path) == "/dev/ttyUSB1"
    assert resolve("/dev/ttyS3", "tty", tmp_path) == "/dev/ttyS3"
    link.unlink()
    with pytest.raises(NotPresent):
        resolve("usb:1-1.3/1a86:7523", "tty", tmp_path)


def test_no_sysfs_is_nothing_plugged_in(tmp_path: Path) -> None:
    assert list(plugged_in(tmp_path / "none")) == []


def test_a_serial_line_is_opened_by_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers.transport import serial_line

    master, slave = pty.openpty()
    tty.setraw(slave)
    asked: list[tuple[str, str]] = []

    def found(address: str, subsystem: str) -> str:
        asked.append((address, subsystem))
        return os.ttyname(slave)

    monkeypatch.setattr(serial_line, "resolve", found)
    line = serial_line.SerialLine("usb:1-1.2", 9600)
    try:
        line.open(0)
        os.write(slave, b"")
        assert line.is_open
        assert asked == [("usb:1-1.2", "tty")]
    finally:
        line.close()
        os.close(master)
        os.close(slave)
