# Only what drivers/simulate uses.
from usbip.device import Endpoint, _EPSpec

class Interface:
    bInterfaceClass: int
    bInterfaceSubClass: int
    bInterfaceProtocol: int
    def __init__(self) -> None: ...
    def _add_endpoint(self, spec: _EPSpec) -> Endpoint: ...
    def on_out(self, ep: Endpoint, data: bytes) -> None: ...
