from collections.abc import Callable
from typing import Protocol, TypeAlias, TypedDict

Item: TypeAlias = int | str | bytes

class Channel(Protocol):
    id: int
    def read(self, max_bytes: int, /) -> bytes: ...
    def write(self, buf: bytes, /) -> int: ...
    def flush(self) -> None: ...

class Peer(TypedDict):
    name: str
    address: int
    flags: int
    scbk: bytes | None
    channel: Channel
    version: int
    model: int
    vendor_code: int
    serial_number: int
    firmware_version: int

class PdId(TypedDict):
    version: int
    model: int
    vendor_code: int
    serial_number: int
    firmware_version: int

class Capability(TypedDict):
    function_code: int
    compliance_level: int
    num_items: int

CAP_CONTACT_STATUS_MONITORING: int
CAP_OUTPUT_CONTROL: int
CAP_COMMUNICATION_SECURITY: int
CMD_OUTPUT: int
COMPLETION_OK: int
EVENT_STATUS: int
FLAG_ENFORCE_SECURE: int
LOG_EMERG: int
STATUS_REPORT_INPUT: int

def set_loglevel(level: int, /) -> None: ...

class ControlPanel:
    def __init__(self, peers: list[Peer], /) -> None: ...
    def refresh(self) -> None: ...
    def status(self) -> int: ...
    def sc_status(self) -> int: ...
    def get_pd_id(self, peer: int, /) -> PdId: ...
    def check_capability(self, peer: int, function_code: int, /) -> tuple[int, int]: ...
    def submit_command(self, peer: int, command: dict[str, int], /) -> bool: ...
    def set_event_callback(self, callback: Callable[[int, dict[str, Item]], int], /) -> None: ...
    def set_command_completion_callback(self, callback: Callable[[int, dict[str, Item], int], None], /) -> None: ...

class PeripheralDevice:
    def __init__(self, peer: Peer, /, *, capabilities: list[Capability]) -> None: ...
    def refresh(self) -> None: ...
    def is_sc_active(self) -> bool: ...
    def submit_event(self, event: dict[str, Item], /) -> bool: ...
    def set_command_callback(self, callback: Callable[[dict[str, Item]], tuple[int, None]], /) -> None: ...
