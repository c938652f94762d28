"""USB devices without a kernel driver of their own, through PyUSB: two-way pipes, frames split over pipes, HID reports.

A device is on this machine's own bus (libusb) or exported by a USB/IP server; which one is a matter of the options.
"""

import errno
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from typing import Final

import usb.core
import usb.util
from pydantic import Field
from usb.backend import IBackend, libusb1

from drivers.contract import Options
from drivers.errors import DeviceFault, Effect, LinkError, NoAnswer, NotPresent, Remedy, WrongDevice
from drivers.transport.line import MOST_WAITING, ByteStream
from drivers.transport.usbip import UsbIpBackend

SLICE_S: Final = 0.1
"""Longest wait inside libusb, which nothing can interrupt: after so long a `close` from another thread is noticed."""
DRAIN_MS: Final = 1
FULL_SPEED_PACKET: Final = 64
HID_CLASS: Final = 3
HID_SET_REPORT: Final = 0x09
HID_OUTPUT: Final = 0x0200
_IN: Final = 0x80
_INTERRUPT: Final = 3
_KIND: Final = 0x03
_SERIAL_AT: Final = 16
"""Place of iSerialNumber in the device descriptor (USB 2.0, table 9-8)."""
_BUSY: Final = frozenset({errno.EBUSY, errno.EACCES, errno.EPERM})


class UsbOptions(Options):
    """Which USB device. What is left empty does not matter; more than one match is an error."""

    vid: int = Field(ge=0, le=0xFFFF, description="vendor number, e.g. 0x0400")
    pid: int = Field(ge=0, le=0xFFFF, description="product number, e.g. 0xC35A")
    path: str = Field(
        default="",
        pattern=r"^(\d+-\d+(\.\d+)*)?$",
        description="USB socket: bus and ports as below /sys/bus/usb/devices, e.g. 1-1.4",
    )
    serial: str = Field(default="", description="serial number, to tell equal devices apart")
    server: str = Field(
        default="",
        pattern=r"^(.+:\d{1,5})?$",
        description="host:port of the USB/IP server that exports the device; empty: it is plugged in here",
    )


def _backend(options: UsbOptions) -> IBackend:
    if options.server:
        host, _, port = options.server.rpartition(":")
        return UsbIpBackend(host.strip("[]"), int(port))
    local = libusb1.get_backend()
    if local is None:
        raise DeviceFault("no_libusb", "libusb-1.0 is not installed", remedy=Remedy.TECHNICIAN)
    return local


def _path(device: usb.core.Device) -> str:
    return f"{device.bus}-{'.'.join(str(port) for port in device.port_numbers or ())}"


def _serial(device: usb.core.Device) -> str:
    described = device.ctrl_transfer(0x80, 6, 0x0100, 0, 18)
    index = 0 if isinstance(described, int) or len(described) <= _SERIAL_AT else described[_SERIAL_AT]
    return (usb.util.get_string(device, index) or "") if index else ""


def find(options: UsbOptions) -> usb.core.Device:
    """Find the one device that the options mean. It is not opened for good yet.

    Raises:
        NotPresent: there is none, nobody answers at the server, or it may not be opened.
        WrongDevice: something else is in that socket, or an equal device with another serial number.
        DeviceFault: `ambiguous`, several devices match; `no_libusb`.
    """
    what = f"USB {options.vid:04x}:{options.pid:04x}"
    try:
        there = list(usb.core.find(find_all=True, backend=_backend(options)))
    except OSError as error:  # what PyUSB raises is one
        raise NotPresent(f"{what}: {error}") from error
    if options.path:
        there = [device for device in there if _path(device) == options.path]
    matching = [device for device in there if (device.idVendor, device.idProduct) == (options.vid, options.pid)]
    if options.path and there and not matching:
        raise WrongDevice(f"{what}: {there[0].idVendor:04x}:{there[0].idProduct:04x} is at {options.path}")
    if options.serial and matching:
        named = list(_with_serial(matching, options.serial))
        if options.path and not named:
            raise WrongDevice(f"{what}: another serial number is at {options.path}")
        matching = named
    if not matching:
        raise NotPresent(f"{what} is not plugged in")
    if len(matching) > 1:
        raise DeviceFault("ambiguous", f"{what}: several are plugged in; name path or serial", remedy=Remedy.TECHNICIAN)
    return matching[0]


def _with_serial(devices: list[usb.core.Device], serial: str) -> Iterator[usb.core.Device]:
    for device in devices:
        try:
            if _serial(device) == serial:
                yield device
        except (usb.core.USBError, ValueError):
            continue  # held by another program, or without a language: not the one that is ours
        finally:
            usb.util.dispose_resources(device)


class UsbStream(ByteStream):
    """A stream of bytes that a USB device carries in transfers. Subclasses say in which.

    Args:
        options: which device.
    """

    def __init__(self, options: UsbOptions) -> None:
        where = options.path or options.serial or options.server
        super().__init__(f"USB {options.vid:04x}:{options.pid:04x}{f' ({where})' if where else ''}")
        self._options = options
        self._device: usb.core.Device | None = None
        self._unread = b""
        self._closing = threading.Event()
        self._in_use = (
            threading.RLock()
        )  # held while libusb works, so that close() cannot pull the device from under it

    @abstractmethod
    def _bind(self, configuration: usb.core.Configuration) -> int | None:
        """Find the pipes. Returns the number of their interface, None when the device has no such pipes."""

    @abstractmethod
    def _send(self, data: bytes, deadline: float) -> None:
        """Send all of it with `_put`."""

    @abstractmethod
    def _next(self, deadline: float) -> bytes:
        """Wait for the next transfer with `_get`; may be empty."""

    @abstractmethod
    def _sources(self) -> tuple[int, ...]:
        """The IN endpoints, to be drained."""

    @property
    def is_open(self) -> bool:
        """Whether `open` succeeded and `close` was not called since."""
        return self._device is not None

    def open(self, deadline: float) -> None:  # noqa: ARG002  enumeration has no deadline; it does not wait for the device
        """Find the device, take it from the kernel, configure and claim it. See `ByteStream.open`."""
        with self._in_use:
            if self._device is not None:
                return
            self._closing.clear()
            self._device = self._claimed(find(self._options))
            try:
                self._note_opened()
            except DeviceFault:
                self.close()
                raise
        self.drain()

    def close(self) -> None:
        """Let go of the device. Twice is safe; from another thread it ends a waiting call with `LinkError`."""
        self._closing.set()
        with self._in_use:
            device, self._device = self._device, None
            if device is not None:
                usb.util.dispose_resources(device)
                self._note_closed()

    def write(self, data: bytes, deadline: float) -> None:
        """Write all of `data`; where the wire splits frames, exactly one frame. See `ByteStream.write`."""
        with self._in_use:
            self._send(data, deadline)
            self._note_sent(data)

    def read_some(self, deadline: float, limit: int = 4096) -> bytes:
        """Wait for bytes. See `ByteStream.read_some`."""
        with self._in_use:
            while not self._unread:
                self._unread = self._next(deadline)
            self._note_received(self._unread)
            some, self._unread = self._unread[:limit], self._unread[limit:]
            return some

    def drain(self) -> None:
        """Throw away what has arrived and was not read. See `ByteStream.drain`."""
        thrown = 0
        with self._in_use:
            self._unread = b""
            for endpoint in self._sources():
                while thrown < MOST_WAITING and (received := self._get_now(endpoint, Effect.NO)):
                    self._note_received(received)
                    thrown += len(received)

    def _claimed(self, device: usb.core.Device) -> usb.core.Device:
        """Make the device ours, or leave nothing of the attempt."""
        claimed = False
        try:
            interface = self._bind(self._configured(device))
            if interface is None:
                raise WrongDevice(f"{self.address}: has other pipes than it should")
            usb.util.claim_interface(device, interface)
            claimed = True
        except usb.core.USBError as error:
            hint = " (a udev rule is missing, or another program holds it)" if error.errno in _BUSY else ""
            raise NotPresent(f"{self.address}: {error.strerror}{hint}") from error
        finally:
            if not claimed:
                usb.util.dispose_resources(device)
        return device

    def _configured(self, device: usb.core.Device) -> usb.core.Configuration:
        try:
            configuration = device.get_active_configuration()
        except usb.core.USBError:
            device.set_configuration()
            configuration = device.get_active_configuration()
        for interface in configuration:
            number = interface.bInterfaceNumber
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
        return configuration

    def _there(self, effect: Effect) -> usb.core.Device:
        if self._device is None or self._closing.is_set():
            raise LinkError(f"{self.address} is closed", effect=effect)
        return self._device

    def _put(self, endpoint: int, data: bytes, deadline: float, effect: Effect) -> None:
        """One transfer out, all of it."""
        try:
            written = self._there(effect).write(endpoint, data, _milliseconds(deadline))
        except usb.core.USBTimeoutError as error:
            raise NoAnswer(f"{self.address} takes no bytes", effect=Effect.UNKNOWN) from error
        except usb.core.USBError as error:
            raise LinkError(f"{self.address}: {error.strerror}", effect=effect) from error
        if written != len(data):
            raise NoAnswer(f"{self.address} takes no more bytes", effect=Effect.UNKNOWN)

    def _get(self, endpoint: int, size: int, deadline: float) -> bytes:
        """One transfer in."""
        while True:
            device = self._there(Effect.UNKNOWN)
            try:
                return bytes(device.read(endpoint, size, _milliseconds(min(deadline, time.monotonic() + SLICE_S))))
            except usb.core.USBTimeoutError as error:
                if time.monotonic() >= deadline:
                    raise NoAnswer(f"{self.address} is silent", effect=Effect.UNKNOWN) from error
            except usb.core.USBError as error:
                self._there(Effect.UNKNOWN)
                raise LinkError(f"{self.address}: {error.strerror}", effect=Effect.UNKNOWN) from error

    def _get_now(self, endpoint: int, effect: Effect) -> bytes:
        """What has arrived already."""
        try:
            return bytes(self._there(effect).read(endpoint, 4096, DRAIN_MS))
        except usb.core.USBTimeoutError:
            return b""
        except usb.core.USBError as error:
            raise LinkError(f"{self.address}: {error.strerror}", effect=effect) from error


def _milliseconds(deadline: float) -> int:
    # 0 would mean for ever
    return max(1, round((deadline - time.monotonic()) * 1000))


def _whole_packets(size: int) -> int:
    """Room for a transfer: a device may always fill its last packet."""
    return max(FULL_SPEED_PACKET, -(-size // FULL_SPEED_PACKET) * FULL_SPEED_PACKET)


class UsbPipes(UsbStream):
    """A device with one pipe each way, bulk or interrupt: printers, serial converters, vendor protocols.

    Args:
        options: which device.
        interface_class: class of the interface that has the pipes (7 printer, 0xFF vendor); None: the first with both.
    """

    def __init__(self, options: UsbOptions, *, interface_class: int | None = None) -> None:
        super().__init__(options)
        self._class = interface_class
        self._in = self._out = 0

    def _bind(self, configuration: usb.core.Configuration) -> int | None:
        for interface in configuration:
            if self._class is not None and interface.bInterfaceClass != self._class:
                continue
            ends = [end.bEndpointAddress for end in interface if end.bmAttributes & _KIND in {2, _INTERRUPT}]
            sources = [end for end in ends if end & _IN]
            sinks = [end for end in ends if not end & _IN]
            if sources and sinks and not interface.bAlternateSetting:
                self._in, self._out = sources[0], sinks[0]
                return interface.bInterfaceNumber
        return None

    def _sources(self) -> tuple[int, ...]:
        return (self._in,)

    def _send(self, data: bytes, deadline: float) -> None:
        for at in range(0, len(data), 4096):
            self._put(self._out, data[at : at + 4096], deadline, Effect.UNKNOWN if at else Effect.NO)

    def _next(self, deadline: float) -> bytes:
        return self._get(self._in, 4096, deadline)


class SplitPipes(UsbStream):
    """A device with two pipes each way: one for the heads of frames, one for their bodies.

    Args:
        options: which device.
        heads: OUT and IN endpoint of the heads.
        bodies: OUT and IN endpoint of the bodies.
        head_size: bytes in a head; the last two are the size of the body, big-endian.
    """

    def __init__(self, options: UsbOptions, heads: tuple[int, int], bodies: tuple[int, int], head_size: int) -> None:
        super().__init__(options)
        self._heads = heads
        self._bodies = bodies
        self._head_size = head_size
        self._head = b""

    def _bind(self, configuration: usb.core.Configuration) -> int | None:
        for interface in configuration:
            if {*self._heads, *self._bodies} <= {end.bEndpointAddress for end in interface}:
                return interface.bInterfaceNumber
        return None

    def _sources(self) -> tuple[int, ...]:
        return (self._heads[1], self._bodies[1])

    def _send(self, data: bytes, deadline: float) -> None:
        self._put(self._heads[0], data[: self._head_size], deadline, Effect.NO)
        self._put(self._bodies[0], data[self._head_size :], deadline, Effect.UNKNOWN)
        self._head = b""

    def _next(self, deadline: float) -> bytes:
        if len(self._head) < self._head_size:
            received = self._get(self._heads[1], FULL_SPEED_PACKET, deadline)
            self._head += received
            return received
        size = int.from_bytes(self._head[self._head_size - 2 : self._head_size], "big")
        return self._get(self._bodies[1], _whole_packets(size), deadline)


class HidReports(UsbStream):
    """A device that carries frames in vendor-defined HID reports, each filled up with zeros.

    Args:
        options: which device.
        report_size: bytes in a report, as on the wire.
        prefix: bytes that every report begins with, both ways: a report number, a vendor's mark.
        counted: whether the byte behind the prefix says how many bytes of the report count.
    """

    def __init__(self, options: UsbOptions, *, report_size: int, prefix: bytes = b"", counted: bool = False) -> None:
        super().__init__(options)
        self._size = report_size
        self._prefix = prefix
        self._counted = counted
        self._in = 0
        self._out: int | None = None
        self._interface = 0

    def _bind(self, configuration: usb.core.Configuration) -> int | None:
        for interface in configuration:
            ends = [end.bEndpointAddress for end in interface if end.bmAttributes & _KIND == _INTERRUPT]
            sources = [end for end in ends if end & _IN]
            if interface.bInterfaceClass == HID_CLASS and not interface.bInterfaceProtocol and sources:
                self._interface = interface.bInterfaceNumber
                self._in = sources[0]
                self._out = next((end for end in ends if not end & _IN), None)
                return self._interface
        return None

    def _sources(self) -> tuple[int, ...]:
        return (self._in,)

    def _send(self, data: bytes, deadline: float) -> None:
        room = self._size - len(self._prefix) - self._counted
        for at in range(0, len(data), room):
            piece = data[at : at + room]
            count = bytes([len(piece)]) if self._counted else b""
            self._report((self._prefix + count + piece).ljust(self._size, b"\0"), deadline, at > 0)

    def _report(self, report: bytes, deadline: float, begun: bool) -> None:  # noqa: FBT001  told apart by its name
        effect = Effect.UNKNOWN if begun else Effect.NO
        if self._out is not None:
            self._put(self._out, report, deadline, effect)
            return
        # without a pipe for them, output reports go over the control pipe (HID 1.11, 7.2.2)
        number = self._prefix[0] if self._prefix else 0
        try:
            self._there(effect).ctrl_transfer(
                0x21, HID_SET_REPORT, HID_OUTPUT | number, self._interface, report, _milliseconds(deadline)
            )
        except usb.core.USBTimeoutError as error:
            raise NoAnswer(f"{self.address} takes no report", effect=Effect.UNKNOWN) from error
        except usb.core.USBError as error:
            raise LinkError(f"{self.address}: {error.strerror}", effect=effect) from error

    def _next(self, deadline: float) -> bytes:
        report = self._get(self._in, self._size, deadline)
        if not report.startswith(self._prefix):
            return report  # noise, for who looks for frames to skip
        rest = report[len(self._prefix) :]
        if self._counted and rest and rest[0] < len(rest):
            return rest[1 : 1 + rest[0]]
        return rest
