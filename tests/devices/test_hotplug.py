"""What is plugged in and pulled out reaches the device that it concerns."""

import queue
import threading
from pathlib import Path

import anyio
import pytest

from drivers.camera.uvc import UvcOptions
from drivers.contract import Driver, Identity, Options
from drivers.errors import NotPresent, WrongDevice
from drivers.match import Properties
from drivers.printer.escpos import EscPosTcpOptions
from drivers.thermometer.gy_614 import Gy614Options
from kiosk.devices import hotplug, supervisor
from kiosk.devices.hotplug import Change, HotPlug, Plug, PolledChanges, Watched, addresses_of, change_of
from kiosk.devices.supervisor import Device, State

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def event(node: str, port: int) -> Properties:
    return {
        "DEVNAME": f"/dev/{node}",
        "DEVPATH": f"/devices/usb1/1-1/1-1.{port}/1-1.{port}:1.0/{node}/tty/{node}",
        "SUBSYSTEM": "tty",
        "DEVLINKS": f"/dev/serial/by-path/pci-usb-0:1.{port}:1.0-port0 /dev/serial/by-id/x{port}",
    }


class Socket:
    """A socket into which a device is plugged, or another one."""

    def __init__(self) -> None:
        self.there = self.right = True
        self.opened = 0


class Plugged(Driver):
    key = "thermometer/plugged"
    options = Options
    proven_on = ()

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    def open(self) -> Identity:
        self.socket.opened += 1
        if not self.socket.there:
            raise NotPresent("empty")
        if not self.socket.right:
            raise WrongDevice("another one")
        return Identity()

    def probe(self) -> None:
        if not self.socket.there:
            raise NotPresent("pulled out")

    def close(self) -> None:
        pass


class Told:
    """A source of changes that a test speaks through."""

    def __init__(self) -> None:
        self.changes: queue.Queue[Change] = queue.Queue()

    def wait(self, within: float) -> tuple[Change, ...]:
        try:
            return (self.changes.get(timeout=min(within, 0.05)),)
        except queue.Empty:
            return ()


class Counted:
    def __init__(self) -> None:
        self.hints = 0

    def hint(self) -> None:
        self.hints += 1


def test_an_event_of_udev() -> None:
    change = change_of("add", event("ttyUSB0", 2))
    assert change is not None
    assert (change.plug, change.node, change.socket) == (Plug.IN, "/dev/ttyUSB0", "1-1.2")
    assert change_of("remove", event("ttyUSB0", 2)) == Change(Plug.OUT, change.node, change.socket, change.links)
    assert change_of("change", event("ttyUSB0", 2)) is None
    assert change_of("add", {"DEVPATH": "/devices/usb1/1-1"}) is None
    assert change_of(None, {}) is None


@pytest.mark.parametrize(
    ("address", "concerned"),
    [
        ("usb:1-1.2", True),
        ("usb:1-1.2/1a86:7523", True),
        ("usb:1-1.3", False),
        ("usb:1-1", False),
        ("/dev/ttyUSB0", True),
        ("/dev/ttyUSB1", False),
        ("/dev/serial/by-id/x2", True),
        ("/dev/serial/by-path/something", True),
    ],
)
def test_whom_a_change_concerns(address: str, *, concerned: bool) -> None:
    change = change_of("add", event("ttyUSB0", 2))
    assert change is not None
    assert Watched(Counted(), (address,)).concerned_by(change) is concerned
    assert not Watched(Counted(), ()).concerned_by(change)


def test_where_the_options_say_a_device_is() -> None:
    assert addresses_of(Gy614Options(port="usb:1-1.2")) == ("usb:1-1.2",)
    assert addresses_of(UvcOptions(device=2)) == ("/dev/video2",)
    assert addresses_of(UvcOptions(device="usb:1-1.4")) == ("usb:1-1.4",)
    assert addresses_of(EscPosTcpOptions(host="printer")) == ()


async def test_each_device_hears_of_its_own_socket() -> None:
    told, left, right = Told(), Counted(), Counted()
    plugged = HotPlug([Watched(left, ("usb:1-1.2",)), Watched(right, ("usb:1-1.3",))], told)
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(plugged.run)
            for action in ("remove", "add"):
                change = change_of(action, event("ttyUSB0", 3))
                assert change is not None
                told.changes.put(change)
            while right.hints < 2:
                await anyio.sleep(0.01)
            assert left.hints == 0
            group.cancel_scope.cancel()


async def test_a_hint_brings_a_device_back_before_its_pause_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF", (60.0,))
    socket = Socket()
    socket.there = False
    device: Device[Plugged] = Device("thermometer", lambda: Plugged(socket))
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(device.run)
            while not socket.opened:
                await anyio.sleep(0.01)
            socket.there = True
            while not device.ready:  # the first hint may come before the pause has begun
                device.hint()
                await anyio.sleep(0.05)
            group.cancel_scope.cancel()


async def test_a_hint_finds_out_that_a_ready_device_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PROBE_EVERY", 60.0)
    socket = Socket()
    device: Device[Plugged] = Device("thermometer", lambda: Plugged(socket))
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(device.run)
            await device.until_ready()
            for _ in range(100):  # more than may wait
                device.hint()
            await anyio.sleep(0.05)
            assert device.ready
            socket.there = False
            device.hint()
            await device.until_away()
            assert device.state is State.ABSENT
            group.cancel_scope.cancel()


async def test_the_wrong_device_is_looked_at_again_when_something_was_plugged_in() -> None:
    socket = Socket()
    socket.right = False
    device: Device[Plugged] = Device("thermometer", lambda: Plugged(socket))
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(device.run)
            while device.state is not State.FAULT:
                await anyio.sleep(0.01)
            await anyio.sleep(0.3)
            assert socket.opened == 1
            socket.right = True
            device.hint()
            await device.until_ready()
            group.cancel_scope.cancel()


def test_without_udev_sysfs_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotplug, "LOOK_EVERY_S", 0.01)
    shown: list[Properties] = [event("ttyUSB0", 2)]
    monkeypatch.setattr(hotplug, "plugged_in", lambda _sys: iter(shown))
    source = PolledChanges(tmp_path)
    assert source.wait(1.0) == ()
    shown[:] = [event("ttyUSB0", 3)]
    changes = source.wait(1.0)
    assert [(change.plug, change.socket) for change in changes] == [(Plug.OUT, "1-1.2"), (Plug.IN, "1-1.3")]
    shown.clear()
    assert [change.plug for change in source.wait(1.0)] == [Plug.OUT]


def test_the_source_there_is_here(tmp_path: Path) -> None:
    assert isinstance(hotplug.open_changes(tmp_path / "control"), PolledChanges)
    (tmp_path / "control").touch()
    assert not isinstance(hotplug.open_changes(tmp_path / "control"), PolledChanges)


def test_udev_is_listened_to_from_any_thread() -> None:
    heard: list[tuple[Change, ...]] = []
    source = hotplug.UdevChanges()
    thread = threading.Thread(target=lambda: heard.append(source.wait(0.05)))
    thread.start()
    thread.join(20)
    assert len(heard) == 1
