# Only what drivers/simulate uses.
from collections.abc import Callable

from usbip.function import Interface

def vendor_report_descriptor(in_size: int = ..., out_size: int = ..., usage_page_id: int = ...) -> bytes: ...
def keyboard_report_descriptor() -> bytes: ...

class HID(Interface):
    def __init__(
        self,
        report_descriptor: bytes | None = ...,
        *,
        in_ep: int = ...,
        in_mps: int = ...,
        in_interval: int = ...,
        out_ep: int | None = ...,
        out_mps: int = ...,
        on_output: Callable[[bytes], None] | None = ...,
    ) -> None: ...
    def send_report(self, report: bytes) -> None: ...
