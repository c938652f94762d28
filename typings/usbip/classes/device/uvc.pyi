# Only what tests/vm uses.
from collections.abc import Callable

from usbip.function import Interface

YUY2_GUID: bytes

class VideoStreaming(Interface):
    def descriptor_block(self) -> bytes: ...

class UVC:
    vs: VideoStreaming
    def __init__(
        self,
        width: int = 320,
        height: int = 240,
        fps: int = 15,
        formats: tuple[str, ...] = ("yuyv",),
        source: Callable[[VideoStreaming, str, int], bytes | None] | None = None,
    ) -> None: ...
