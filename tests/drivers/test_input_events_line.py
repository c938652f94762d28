"""The event nodes of a keyboard wedge. Here no kernel has input devices: evdev is doubled, and the nodes are pipes."""

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import evdev
import pytest

from drivers.code_scanner.keyboard_wedge import KeyboardWedge, KeyboardWedgeOptions
from drivers.errors import LinkError, NoAnswer, NotPresent
from drivers.simulate.keyboard_wedge import key_strokes
from drivers.transport import input_events
from drivers.transport.input_events import EVENT, InputLine

SCANNER, OTHER = evdev.DeviceInfo(3, 0x0C2E, 0x0B61, 0x0111), evdev.DeviceInfo(3, 0x046D, 0xC31C, 0x0110)


@dataclass
class Node:
    """What evdev says of a node, over a pipe."""

    path: str
    phys: str
    info: evdev.DeviceInfo
    busy: bool = False
    name: str = "Barcode Scanner"
    uniq: str = "SN1"
    grabbed: bool = False
    open: bool = True
    lights: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fd, self.keys = os.pipe2(os.O_NONBLOCK)

    def grab(self) -> None:
        if self.busy:
            raise OSError(16, "Device or resource busy")
        self.grabbed = True

    def leds(self) -> list[int]:
        return self.lights

    def close(self) -> None:
        if self.open:
            os.close(self.fd)
        self.open = self.grabbed = False


class Bus:
    """Nodes 0 and 1 are one scanner, 2 is another keyboard, 3 an equal scanner in another socket."""

    def __init__(self, folder: Path) -> None:
        phys = [
            "usb-0000:00:14.0-3/input0",
            "usb-0000:00:14.0-3/input1",
            "usb-0000:00:14.0-4/input0",
            "usb-0000:00:14.0-5/input0",
        ]
        self.paths = [str(folder / f"event{at}") for at in range(4)]
        self.nodes = {path: Node(path, phys[at], OTHER if at == 2 else SCANNER) for at, path in enumerate(self.paths)}

    def open(self, path: str) -> Node:
        return self.nodes[path]

    def type(self, node: int, text: str) -> None:
        os.write(self.nodes[self.paths[node]].keys, key_strokes(text))


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugged_in: contextlib.ExitStack) -> Bus:
    bus = Bus(tmp_path)
    monkeypatch.setattr(input_events.evdev, "InputDevice", bus.open)
    monkeypatch.setattr(input_events.evdev, "list_devices", lambda folder: bus.paths if folder == str(tmp_path) else [])
    for node in bus.nodes.values():
        plugged_in.callback(node.close)
        plugged_in.callback(os.close, node.keys)
    return bus


@pytest.mark.parametrize("named", [0, 1])
def test_all_nodes_of_one_scanner_are_grabbed_and_no_other(bus: Bus, named: int) -> None:
    driver = KeyboardWedge(KeyboardWedgeOptions(port=bus.paths[named]))
    identity = driver.open()
    nodes = list(bus.nodes.values())
    assert (identity.model, identity.serial) == ("Barcode Scanner", "SN1")
    assert [node.grabbed for node in nodes] == [True, True, False, False]
    assert [node.open for node in nodes] == [True, True, False, False]
    assert driver.scan(0) is None
    for node in (0, 1):
        bus.type(node, "A012qr\r")
        scan = driver.scan(10)
        assert scan is not None
        assert scan.payload == b"A012qr"
    driver.probe()
    driver.close()
    assert not any(node.grabbed or node.open for node in nodes)


def test_caps_lock_that_is_on_already(bus: Bus) -> None:
    bus.nodes[bus.paths[0]].lights.append(evdev.ecodes.LED_CAPSL)
    driver = KeyboardWedge(KeyboardWedgeOptions(port=bus.paths[0]))
    driver.open()
    assert driver.scan(0) is None
    bus.type(0, "aB\r")
    scan = driver.scan(10)
    assert scan is not None
    assert scan.payload == b"Ab"
    driver.close()


def test_another_program_holds_it(bus: Bus) -> None:
    bus.nodes[bus.paths[1]].busy = True
    driver = KeyboardWedge(KeyboardWedgeOptions(port=bus.paths[0]))
    with pytest.raises(NotPresent, match="busy"):
        driver.open()
    assert not any(node.grabbed for node in bus.nodes.values())
    driver.close()


def test_one_node_hangs_up(bus: Bus) -> None:
    line = InputLine(bus.paths[0], grab=True)
    line.open(time.monotonic() + 1)
    line.check()
    node = bus.nodes[bus.paths[1]]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, node.keys)  # the far end of the pipe goes
    os.close(nothing)
    with pytest.raises(LinkError):
        line.check()
    with pytest.raises(LinkError):
        line.read_some(time.monotonic() + 10)
    line.close()
    line.close()
    with pytest.raises(LinkError):
        line.check()


def test_events_come_whole_however_they_arrive(bus: Bus) -> None:
    line = InputLine(bus.paths[0], grab=True)
    line.open(time.monotonic() + 1)
    strokes = key_strokes("ab")
    first, second = (bus.nodes[bus.paths[at]].keys for at in (0, 1))
    os.write(first, strokes[:30])
    assert line.read_some(time.monotonic() + 10) == strokes[:24]
    with pytest.raises(NoAnswer):
        line.read_some(time.monotonic() + 0.01)
    os.write(second, strokes[:24])
    assert line.read_some(time.monotonic() + 10) == strokes[:24]
    os.write(first, strokes[30:])
    received = line.read_some(time.monotonic() + 10)
    assert received == strokes[24:]
    assert len(received) % EVENT.size == 0
    line.close()
