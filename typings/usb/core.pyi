# Only what drivers/transport uses.
from array import array
from collections.abc import Callable, Iterator, Sequence

from usb.backend import IBackend

class USBError(OSError):
    def __init__(self, strerror: str, error_code: int | None = ..., errno: int | None = ...) -> None: ...

class USBTimeoutError(USBError): ...
class NoBackendError(ValueError): ...

class Endpoint:
    bEndpointAddress: int
    bmAttributes: int
    wMaxPacketSize: int

class Interface:
    bInterfaceNumber: int
    bAlternateSetting: int
    bInterfaceClass: int
    bInterfaceSubClass: int
    bInterfaceProtocol: int
    def __iter__(self) -> Iterator[Endpoint]: ...

class Configuration:
    bConfigurationValue: int
    def __iter__(self) -> Iterator[Interface]: ...

class Device:
    idVendor: int
    idProduct: int
    bcdDevice: int
    bus: int | None
    address: int | None
    port_numbers: tuple[int, ...] | None
    def set_configuration(self, configuration: int | None = ...) -> None: ...
    def get_active_configuration(self) -> Configuration: ...
    def read(self, endpoint: int, size_or_buffer: int, timeout: int | None = ...) -> array[int]: ...
    def write(self, endpoint: int, data: bytes, timeout: int | None = ...) -> int: ...
    def ctrl_transfer(
        self,
        bmRequestType: int,
        bRequest: int,
        wValue: int = ...,
        wIndex: int = ...,
        data_or_wLength: int | bytes | None = ...,
        timeout: int | None = ...,
    ) -> array[int] | int: ...
    def is_kernel_driver_active(self, interface: int) -> bool: ...
    def detach_kernel_driver(self, interface: int) -> None: ...

def find(
    find_all: bool = ...,
    backend: IBackend | None = ...,
    custom_match: Callable[[Device], bool] | None = ...,
) -> Iterator[Device]: ...
