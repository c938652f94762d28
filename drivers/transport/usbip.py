"""USB devices at the other end of a network: a PyUSB backend that speaks USB/IP to the server that exports them.

USB device servers and other Linux machines (`usbipd`) speak it, and so do our simulators. Neither the kernel's client
nor root is needed. Layouts: docs.kernel.org/usb/usbip_protocol.html, version 1.1.1. A transfer that is not over in time
is taken back (CMD_UNLINK), so nothing that arrives late is lost or taken for something else.
"""

import array
import errno
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Final

from usb.backend import IBackend
from usb.core import USBError, USBTimeoutError

VERSION: Final = 0x0111
CONNECT_S: Final = 1.0
CONTROL_MS: Final = 1000
TAKE_BACK_S: Final = 2.0
"""How long the server may take to say that a transfer was taken back."""

_OP: Final = struct.Struct("!HHI")
_DEVICE: Final = struct.Struct("!256s32sIIIHHHBBBBBB")
_SUBMIT: Final = struct.Struct("!IIIIIIiiii8s")
_UNLINK: Final = struct.Struct("!IIIIII24x")
_RETURN: Final = struct.Struct("!IIIIIii20x")
_SETUP: Final = struct.Struct("<BBHHH")
_DEVLIST, _IMPORT, _REPLY_BIT = 0x8005, 0x8003, 0x8000
_CMD_SUBMIT, _CMD_UNLINK, _RET_SUBMIT, _RET_UNLINK = 1, 2, 3, 4
_OUT, _IN = 0, 1
_LONGEST_REPLY: Final = 1 << 24
_CONFIGURATION_SIZE: Final = 9
_MOST_DEVICES: Final = 256


class _Session:
    """One imported device: transfers, one at a time."""

    def __init__(self, link: socket.socket, number: int) -> None:
        self._link = link
        self._number = number
        self._sequence = 0
        self._received = b""
        self._lock = threading.Lock()

    def close(self) -> None:
        self._link.close()

    def control(self, setup: bytes, data: bytes, timeout_ms: int) -> bytes:
        """A transfer on endpoint 0; `setup` says where the data go."""
        length = int.from_bytes(setup[6:8], "little")
        return self._transfer(_IN if setup[0] & 0x80 else _OUT, 0, length, data, timeout_ms, setup)

    def send(self, endpoint: int, data: bytes, timeout_ms: int) -> None:
        self._transfer(_OUT, endpoint & 0x0F, len(data), data, timeout_ms)

    def receive(self, endpoint: int, size: int, timeout_ms: int) -> bytes:
        return self._transfer(_IN, endpoint & 0x0F, size, b"", timeout_ms)

    def _transfer(
        self, way: int, endpoint: int, length: int, data: bytes, timeout_ms: int, setup: bytes = bytes(8)
    ) -> bytes:
        with self._lock:
            deadline = time.monotonic() + timeout_ms / 1000
            self._sequence += 1
            ours = self._sequence
            self._send(_SUBMIT.pack(_CMD_SUBMIT, ours, self._number, way, endpoint, 0, length, 0, 0, 0, setup) + data)
            if not self._arrives(_RETURN.size, deadline):
                return self._take_back(ours, way)
            return self._result(ours, way)

    def _take_back(self, ours: int, way: int) -> bytes:
        """Unlink the transfer; it may have ended meanwhile, and then its result stands before the answer."""
        self._sequence += 1
        self._send(_UNLINK.pack(_CMD_UNLINK, self._sequence, self._number, 0, 0, ours))
        deadline = time.monotonic() + TAKE_BACK_S
        result: bytes | None = None
        while self._arrives(_RETURN.size, deadline):
            if int.from_bytes(self._received[:4], "big") == _RET_UNLINK:
                self._received = self._received[_RETURN.size :]
                if result is None:
                    raise USBTimeoutError("the device said nothing", None, errno.ETIMEDOUT)
                return result
            result = self._result(ours, way)
        raise USBError("the USB/IP server no longer answers", None, errno.EIO)

    def _result(self, ours: int, way: int) -> bytes:
        command, sequence, _, _, _, status, size = _RETURN.unpack(self._received[: _RETURN.size])
        if command != _RET_SUBMIT or sequence != ours or not 0 <= size <= _LONGEST_REPLY:
            raise USBError("the USB/IP server answers something else", None, errno.EPROTO)
        end = _RETURN.size + (size if way == _IN else 0)
        if not self._arrives(end, time.monotonic() + TAKE_BACK_S):
            raise USBError("the USB/IP server stopped in the middle", None, errno.EIO)
        data, self._received = self._received[_RETURN.size : end], self._received[end:]
        if status:
            raise USBError(f"transfer failed ({errno.errorcode.get(-status, status)})", None, -status)
        return data

    def _arrives(self, size: int, deadline: float) -> bool:
        """Wait until so many bytes have been received; False at the deadline."""
        while len(self._received) < size:
            if not _readable(self._link, deadline):
                return False
            try:
                chunk = self._link.recv(65536)
            except OSError as error:
                raise USBError(str(error), None, errno.ENODEV) from error
            if not chunk:
                raise USBError("the USB/IP server hung up", None, errno.ENODEV)
            self._received += chunk
        return True

    def _send(self, message: bytes) -> None:
        try:
            self._link.sendall(message)
        except OSError as error:
            raise USBError(str(error), None, errno.ENODEV) from error


def _readable(link: socket.socket, deadline: float) -> bool:
    poll = select.poll()
    poll.register(link, select.POLLIN)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


class Exported:
    """A device that the server exports, as PyUSB's backends hand them about.

    Attributes:
        bus_id: as the server names it, e.g. `1-1.4`.
    """

    def __init__(self, server: tuple[str, int], record: bytes) -> None:
        fields = _DEVICE.unpack(record)
        self.bus_id = fields[1].split(b"\0")[0].decode("ascii", "replace")
        self._server = server
        self._bus_id = fields[1]
        self._number = (fields[2] << 16) | fields[3]
        self._session: _Session | None = None
        self._configurations: dict[int, bytes] = {}
        bus, _, ports = self.bus_id.partition("-")
        numbers = tuple(int(port) for port in ports.split(".") if port.isdigit()) or None
        self.descriptor = SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x0200,
            bDeviceClass=fields[8],
            bDeviceSubClass=fields[9],
            bDeviceProtocol=fields[10],
            bMaxPacketSize0=64,
            idVendor=fields[5],
            idProduct=fields[6],
            bcdDevice=fields[7],
            # the list of a server does not have the strings; who wants one reads the descriptor
            iManufacturer=0,
            iProduct=0,
            iSerialNumber=0,
            bNumConfigurations=fields[12],
            bus=int(bus) if bus.isdigit() else fields[2],
            address=fields[3],
            port_number=numbers[-1] if numbers else None,
            port_numbers=numbers,
            speed=fields[4],
        )

    def session(self) -> _Session:
        """Import the device, once."""
        if self._session is None:
            link = _connected(self._server)
            try:
                _request(link, _IMPORT, self._bus_id)
                _exactly(link, _DEVICE.size)
            except BaseException:
                link.close()
                raise
            self._session = _Session(link, self._number)
        return self._session

    def close(self) -> None:
        """Give the device back. Twice is safe."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def configuration(self, index: int) -> bytes:
        """Its configuration descriptor with all that belongs to it."""
        if index not in self._configurations:
            head = self.session().control(_SETUP.pack(0x80, 6, 0x0200 | index, 0, 9), b"", CONTROL_MS)
            size = int.from_bytes(head[2:4], "little")
            whole = self.session().control(_SETUP.pack(0x80, 6, 0x0200 | index, 0, size), b"", CONTROL_MS)
            self._configurations[index] = whole
        return self._configurations[index]


def _connected(server: tuple[str, int]) -> socket.socket:
    try:
        link = socket.create_connection(server, CONNECT_S)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise USBError(f"no USB/IP server: {error}", None, errno.ENODEV) from error
    return link


def _exactly(link: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        try:
            chunk = link.recv(size - len(received))
        except OSError as error:
            raise USBError(f"USB/IP server: {error}", None, errno.ENODEV) from error
        if not chunk:
            raise USBError("the USB/IP server hung up", None, errno.ENODEV)
        received += chunk
    return received


def _request(link: socket.socket, request: int, data: bytes = b"") -> None:
    try:
        link.sendall(_OP.pack(VERSION, request, 0) + data)
    except OSError as error:
        raise USBError(f"USB/IP server: {error}", None, errno.ENODEV) from error
    _, code, status = _OP.unpack(_exactly(link, _OP.size))
    if code != request & ~_REPLY_BIT or status:
        raise USBError(f"the USB/IP server refuses ({code:04x}, {status})", None, errno.ENODEV)


class _Parsed:
    """A configuration descriptor taken apart."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) < _CONFIGURATION_SIZE:
            raise USBError("the configuration is cut short", None, errno.EPROTO)
        _, _, total, count, value, name, attributes, power = struct.unpack_from("<BBHBBBBB", raw)
        self.configuration = SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=total,
            bNumInterfaces=count,
            bConfigurationValue=value,
            iConfiguration=name,
            bmAttributes=attributes,
            bMaxPower=power,
            extra_descriptors=[],
        )
        self.interfaces: dict[int, list[tuple[SimpleNamespace, list[SimpleNamespace]]]] = {}
        at = raw[0]
        current: list[SimpleNamespace] | None = None
        while at + 2 <= len(raw) and raw[at] >= 2:
            part = raw[at : at + raw[at]]
            if part[1] == 4 and len(part) >= 9:
                current = []
                described = SimpleNamespace(
                    bLength=9,
                    bDescriptorType=4,
                    bInterfaceNumber=part[2],
                    bAlternateSetting=part[3],
                    bNumEndpoints=part[4],
                    bInterfaceClass=part[5],
                    bInterfaceSubClass=part[6],
                    bInterfaceProtocol=part[7],
                    iInterface=part[8],
                    extra_descriptors=[],
                )
                self.interfaces.setdefault(part[2], []).append((described, current))
            elif part[1] == 5 and len(part) >= 7 and current is not None:
                current.append(
                    SimpleNamespace(
                        bLength=7,
                        bDescriptorType=5,
                        bEndpointAddress=part[2],
                        bmAttributes=part[3],
                        wMaxPacketSize=int.from_bytes(part[4:6], "little"),
                        bInterval=part[6],
                        bRefresh=0,
                        bSynchAddress=0,
                        extra_descriptors=[],
                    )
                )
            at += raw[at]


class UsbIpBackend(IBackend):
    """What PyUSB needs of a backend, for the devices of one server. The names and arguments are PyUSB's.

    Args:
        host: name or address of the server.
        port: 3240 by custom.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)

    def enumerate_devices(self) -> Iterator[Exported]:
        """Ask the server what it exports.

        Raises:
            USBError: nobody answers there.
        """
        with _connected(self._server) as link:
            _request(link, _DEVLIST)
            found = []
            for _ in range(min(_MOST_DEVICES, int.from_bytes(_exactly(link, 4), "big"))):
                record = _exactly(link, _DEVICE.size)
                _exactly(link, 4 * record[-1])
                found.append(Exported(self._server, record))
        return iter(found)

    def get_parent(self, _dev: Exported) -> None:
        """Nothing is known of hubs."""
        return

    def get_device_descriptor(self, dev: Exported) -> SimpleNamespace:
        """What the server's list says."""
        return dev.descriptor

    def get_configuration_descriptor(self, dev: Exported, config: int) -> SimpleNamespace:
        """Read from the device."""
        return _Parsed(dev.configuration(config)).configuration

    def get_interface_descriptor(self, dev: Exported, intf: int, alt: int, config: int) -> SimpleNamespace:
        """Read from the device.

        Raises:
            IndexError: there is none.
        """
        return list(_Parsed(dev.configuration(config)).interfaces.values())[intf][alt][0]

    def get_endpoint_descriptor(self, dev: Exported, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        """Read from the device.

        Raises:
            USBError: there is none, whatever the interface says.
        """
        ends = list(_Parsed(dev.configuration(config)).interfaces.values())[intf][alt][1]
        if ep >= len(ends):
            raise USBError("the configuration is cut short", None, errno.EPROTO)
        return ends[ep]

    def open_device(self, dev: Exported) -> Exported:
        """Import it: from now on nobody else can."""
        dev.session()
        return dev

    def close_device(self, dev_handle: Exported) -> None:
        """Give it back."""
        dev_handle.close()

    def set_configuration(self, dev_handle: Exported, config_value: int) -> None:
        """SET_CONFIGURATION."""
        dev_handle.session().control(_SETUP.pack(0x00, 9, config_value, 0, 0), b"", CONTROL_MS)

    def get_configuration(self, dev_handle: Exported) -> int:
        """GET_CONFIGURATION."""
        return int.from_bytes(dev_handle.session().control(_SETUP.pack(0x80, 8, 0, 0, 1), b"", CONTROL_MS), "little")

    def set_interface_altsetting(self, dev_handle: Exported, intf: int, altsetting: int) -> None:
        """SET_INTERFACE."""
        dev_handle.session().control(_SETUP.pack(0x01, 11, altsetting, intf, 0), b"", CONTROL_MS)

    def claim_interface(self, _dev_handle: Exported, _intf: int) -> None:
        """Importing has claimed all of them."""
        return

    def release_interface(self, _dev_handle: Exported, _intf: int) -> None:
        """Closing gives all of them back."""
        return

    def bulk_write(self, dev_handle: Exported, ep: int, _intf: int, data: "array.array[int]", timeout: int) -> int:
        """Write all of it."""
        dev_handle.session().send(ep, data.tobytes(), timeout)
        return len(data)

    def bulk_read(self, dev_handle: Exported, ep: int, _intf: int, buff: "array.array[int]", timeout: int) -> int:
        """Read one transfer into the buffer."""
        received = dev_handle.session().receive(ep, len(buff), timeout)
        if len(received) > len(buff):
            raise USBError("more bytes than were asked for", None, errno.EOVERFLOW)
        buff[: len(received)] = array.array("B", received)
        return len(received)

    intr_write = bulk_write
    intr_read = bulk_read

    def ctrl_transfer(
        self,
        dev_handle: Exported,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: "array.array[int]",
        timeout: int,
    ) -> int:
        """A transfer on endpoint 0."""
        setup = _SETUP.pack(request_type, request, value, index, len(data))
        if not request_type & 0x80:
            dev_handle.session().control(setup, data.tobytes(), timeout)
            return len(data)
        received = dev_handle.session().control(setup, b"", timeout)[: len(data)]
        data[: len(received)] = array.array("B", received)
        return len(received)

    def is_kernel_driver_active(self, _dev_handle: Exported, _intf: int) -> bool:
        """The kernel of this machine does not know the device."""
        return False
