"""A network camera that speaks RTSP 1.0 (RFC 2326) and sends JPEG over RTP (RFC 2435) on the same connection."""

import re
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.frames import Reel, Scene
from drivers.simulate.many_hosts import Connection, ManyHostsSimulator

_CLOCK: Final = 90_000  # ticks a second, RFC 3551
_MOST_PAYLOAD: Final = 1400
_SDP: Final = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=simulated\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 26\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:26 JPEG/90000\r\na=control:track0\r\n"
)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """What RFC 2435 sends of a JPEG: the receiver puts the standard Huffman tables back.

    Attributes:
        kind: 0 for 4:2:2, 1 for 4:2:0.
        tables: both quantisation tables, 128 bytes.
        scan: the entropy-coded data, without its end mark.
    """

    width: int
    height: int
    kind: int
    tables: bytes
    scan: bytes


def take_apart(data: bytes) -> Jpeg:
    """Take a baseline JPEG with the standard Huffman tables apart."""
    tables: dict[int, bytes] = {}
    width = height = kind = 0
    at = 2
    while True:
        mark, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at + 4 : at + 2 + size]
        at += 2 + size
        if mark == 0xDB:
            for start in range(0, len(segment), 65):
                tables[segment[start] & 15] = segment[start + 1 : start + 65]
        elif mark == 0xC0:
            height, width = struct.unpack(">HH", segment[1:5])
            kind = 1 if segment[7] == 0x22 else 0
        elif mark == 0xDA:
            return Jpeg(width, height, kind, tables[0] + tables[1], data[at:-2])


def packets(picture: Jpeg, number: int, timestamp: int) -> Iterator[bytes]:
    """Cut a picture into RTP packets (RFC 2435, Q 255: the tables travel along)."""
    offset = 0
    while offset < len(picture.scan):
        header = bytes([0]) + offset.to_bytes(3, "big")
        header += bytes([picture.kind, 255, picture.width // 8, picture.height // 8])
        if offset == 0:
            header += struct.pack(">BBH", 0, 0, len(picture.tables)) + picture.tables
        piece = picture.scan[offset : offset + _MOST_PAYLOAD]
        offset += len(piece)
        mark = 0x80 if offset >= len(picture.scan) else 0
        yield struct.pack(">BBHII", 0x80, mark | 26, number & 0xFFFF, timestamp & 0xFFFFFFFF, 7) + header + piece
        number += 1


class RtspSimulator(ManyHostsSimulator):
    """A camera that shows a scene until it is given another. What is spoilt are answers, not pictures."""

    driver: ClassVar[str] = "camera/rtsp"

    def __init__(self, folder: Path, name: str = "camera", fps: float = 12, *, seed: int = 0) -> None:
        del folder, name  # it is on the network
        self._reel = Reel(seed)
        self._fps = fps
        super().__init__(seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {"url": f"rtsp://127.0.0.1:{self._port}/stream"}

    @property
    def scene(self) -> Scene:
        """What it sees, see `Reel.scene`."""
        return self._reel.scene

    @scene.setter
    def scene(self, scene: Scene) -> None:
        self._reel.scene = scene

    def serve(self, host: Connection) -> None:
        """Answer until PLAY, then send pictures."""
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                received += host.hear()
            head, _, received = received.partition(b"\r\n\r\n")
            while self.hanging:
                host.hear()  # raises when the host has had enough
            method = head.split(b" ", 1)[0].decode("latin-1")
            number = re.search(rb"\r\nCSeq:\s*(\d+)", head, re.IGNORECASE)
            start = f"RTSP/1.0 200 OK\r\nCSeq: {number[1].decode() if number else 0}\r\nServer: simulated camera\r\n"
            host.say((start + self._rest_of(method)).encode())
            if method == "PLAY":
                self._play(host)
                return
            if method == "TEARDOWN":
                return

    def _rest_of(self, method: str) -> str:
        match method:
            case "OPTIONS":
                return "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
            case "DESCRIBE":
                base = str(self.options["url"])
                kind = f"Content-Base: {base}/\r\nContent-Type: application/sdp\r\n"
                return f"{kind}Content-Length: {len(_SDP)}\r\n\r\n{_SDP}"
            case "SETUP":
                return "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
            case _:
                return "Session: 1\r\n\r\n"

    def _play(self, host: Connection) -> None:
        began = due = time.monotonic()
        number = 0
        while not self.gone:
            timestamp = round((time.monotonic() - began) * _CLOCK)
            sent = bytearray()
            for packet in packets(take_apart(self._reel.next_picture()), number, timestamp):
                sent += b"$\0" + len(packet).to_bytes(2, "big") + packet
                number += 1
            host.say(bytes(sent), spoilable=False)
            due = max(due + 1 / self._fps, time.monotonic())
            self.pause(due - time.monotonic())
