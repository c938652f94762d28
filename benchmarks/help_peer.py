"""The other end of a call for `benchmarks help`: a bare aiortc peer in the place of the browser, in its own process.

Reads the offer as one JSON line, writes the answer as one, and after the seconds it was told what came in.
"""

import asyncio
import fractions
import json
import sys
import time
from typing import Final

import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from numpy.typing import NDArray

CELL: Final = 20
BITS: Final = 24
FPS: Final = 15


def stamped(picture: NDArray[np.uint8], moment: float) -> None:
    """Draw a moment (ms, modulo 2^24) into the first row of cells of a picture, in black and white."""
    code = int(moment * 1000) % (1 << BITS)
    for bit in range(BITS):
        picture[:CELL, bit * CELL : (bit + 1) * CELL] = 255 if code >> bit & 1 else 0


def age(picture: NDArray[np.uint8], now: float) -> float | None:
    """How many ms ago a picture was stamped; None for one that cannot be read."""
    code = 0
    for bit in range(BITS):
        light = picture[4 : CELL - 4, bit * CELL + 4 : (bit + 1) * CELL - 4].mean()
        if 90 < light < 165:
            return None
        code |= int(light > 127) << bit
    late = (int(now * 1000) - code) % (1 << BITS)
    return float(late) if late < 60_000 else None


class Stamped(MediaStreamTrack):
    """A moving picture with the moment at which it was made."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._count = 0
        self._ground = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8) // 4 + 80
        self.spent = 0.0

    async def recv(self) -> VideoFrame:
        """The next one."""
        self._count += 1
        await asyncio.sleep(max(0.0, self._began + self._count / FPS - time.monotonic()))
        picture = np.roll(self._ground, self._count * 8, axis=1).copy()
        stamped(picture, time.monotonic())
        frame = VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = int((time.monotonic() - self._began) * 90_000)
        frame.time_base = fractions.Fraction(1, 90_000)
        return frame


class Counted:
    """What came in on one track."""

    def __init__(self) -> None:
        self.frames = 0
        self.ages: list[float] = []

    async def take(self, track: MediaStreamTrack) -> None:
        """Take all of it."""
        try:
            while True:
                frame = await track.recv()
                self.frames += 1
                if isinstance(frame, VideoFrame):
                    old = age(frame.to_ndarray(format="bgr24").astype(np.uint8), time.monotonic())
                    if old is not None:
                        self.ages.append(old)
        except MediaStreamError:
            return


async def run(seconds: float) -> None:
    """Answer, and count."""
    connection = RTCPeerConnection()
    came: list[Counted] = []
    tasks: list[asyncio.Task[None]] = []

    def on_track(track: MediaStreamTrack) -> None:
        counted = Counted()
        if track.kind == "video":
            came.append(counted)
        tasks.append(asyncio.ensure_future(counted.take(track)))

    connection.on("track", on_track)
    line = await asyncio.to_thread(sys.stdin.readline)
    await connection.setRemoteDescription(RTCSessionDescription(json.loads(line)["sdp"], "offer"))
    connection.addTrack(Stamped())
    await connection.setLocalDescription(await connection.createAnswer())
    sys.stdout.write(json.dumps({"sdp": connection.localDescription.sdp}) + "\n")
    sys.stdout.flush()
    for _ in range(200):
        if any(each.frames for each in came):
            break
        await asyncio.sleep(0.1)
    for each in came:
        each.frames = 0
        each.ages.clear()
    began = time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    ages = sorted(came[0].ages) if came else []
    found = {
        "state": connection.connectionState,
        "camera_fps": round(came[0].frames / took, 1) if came else 0.0,
        "screen_fps": round(came[1].frames / took, 1) if len(came) > 1 else 0.0,
        "glass_to_glass_ms_p50": round(ages[len(ages) // 2]) if ages else None,
        "glass_to_glass_ms_p95": round(ages[int(len(ages) * 0.95)]) if ages else None,
    }
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(float(sys.argv[1])))
