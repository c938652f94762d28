"""A network camera that sends Motion-JPEG over HTTP."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers.simulate.frames import Reel, Scene
from drivers.simulate.many_hosts import Connection, Heard, HttpSimulator, answer


class MjpegHttpSimulator(HttpSimulator):
    """A camera that shows a scene until it is given another, to whoever knows the password.

    Attributes:
        chunked: whether the stream comes in chunks, as some servers send it.
    """

    driver: ClassVar[str] = "camera/mjpeg-http"

    def __init__(self, folder: Path, name: str = "camera", fps: float = 12, *, seed: int = 0) -> None:
        del folder, name  # it is on the network
        self._reel = Reel(seed)
        self._fps = fps
        self.chunked = False
        super().__init__("viewer", "seen-only", seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {**super().options, "path": "/live/0.mjpg"}

    @property
    def scene(self) -> Scene:
        """What it sees, see `Reel.scene`."""
        return self._reel.scene

    @scene.setter
    def scene(self, scene: Scene) -> None:
        self._reel.scene = scene

    def respond(self, heard: Heard, host: Connection) -> None:
        """Send pictures until the host hangs up."""
        if heard.method != "GET" or heard.path != "/live/0.mjpg":
            host.say(answer("404 Not Found"))
            return
        encoding = "Transfer-Encoding: chunked\r\n" if self.chunked else ""
        host.say(
            b"HTTP/1.1 200 OK\r\nServer: simulated camera\r\nCache-Control: no-cache\r\n"
            + encoding.encode()
            + b"Content-Type: multipart/x-mixed-replace; boundary=next\r\n\r\n"
        )
        due = time.monotonic()
        while not self.gone:
            picture = self._reel.next_picture()
            part = b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(picture), picture)
            host.say(b"%x\r\n%b\r\n" % (len(part), part) if self.chunked else part)
            due = max(due + 1 / self._fps, time.monotonic())
            self.pause(due - time.monotonic())
