"""The other end of a call for `benchmarks help`: a bare aiortc peer in the place of the browser, in its own process.

`python -m benchmarks.help_peer [URL NAME PASSWORD]`; with a TURN server it connects through that alone. Each line of
its input is a question in JSON (`{"offer": SDP}`, `{"count": SECONDS}`, `{"fresh": true}`), each of its output the
answer.
"""

import asyncio
import fractions
import json
import sys
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from kiosk.help.receiver import install

CELL: Final = 20
BITS: Final = 24
FPS: Final = 15
RATE: Final = 48_000


@dataclass(frozen=True, slots=True)
class Relay:
    """A TURN server and what one needs to be let in."""

    url: str
    name: str
    password: str

    @property
    def server(self) -> RTCIceServer:
        """As aiortc wants it."""
        return RTCIceServer(urls=[self.url], username=self.name, credential=self.password)


def stamped(picture: NDArray[np.uint8], moment: float) -> None:
    """Draw a moment (ms, modulo 2^24) into the first row of cells of a picture, in black and white."""
    code = int(moment * 1000) % (1 << BITS)
    for bit in range(BITS):
        picture[:CELL, bit * CELL : (bit + 1) * CELL] = 255 if code >> bit & 1 else 0


def age(picture: NDArray[np.uint8], now: float) -> float | None:
    """How many ms ago a picture was stamped; None for one that cannot be read."""
    if picture.shape[1] < BITS * CELL:
        return None  # made smaller on its way
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


class Tone(MediaStreamTrack):
    """Sound, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._count = 0
        wave = np.sin(np.arange(RATE // 50) * (2 * np.pi * 400 / RATE)) * 8000
        self._chunk = wave.astype("<i2").tobytes()

    async def recv(self) -> AudioFrame:
        """The next 20 ms."""
        self._count += 1
        await asyncio.sleep(max(0.0, self._began + self._count / 50 - time.monotonic()))
        frame = AudioFrame(format="s16", layout="mono", samples=RATE // 50)
        frame.planes[0].update(self._chunk)
        frame.sample_rate = RATE
        frame.pts = self._count * (RATE // 50)
        frame.time_base = fractions.Fraction(1, RATE)
        return frame


class Counted:
    """What came in on one track."""

    def __init__(self) -> None:
        self.frames = 0
        self.samples = 0
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
                elif isinstance(frame, AudioFrame):
                    self.samples += frame.samples * RATE // frame.sample_rate
        except MediaStreamError:
            return

    def forget(self) -> None:
        """Count from now on."""
        self.frames = self.samples = 0
        self.ages.clear()


class Peer:
    """The browser's part: answers offers, the last of which counts, and tells what comes in."""

    def __init__(self, *, relay: Relay | None = None) -> None:
        self._relay = relay
        self._connection: RTCPeerConnection | None = None
        self._came: list[Counted] = []
        self._heard = Counted()
        self._tasks: list[asyncio.Task[None]] = []

    async def answer(self, sdp: str) -> str:
        """Answer an offer; what was connected before is let go of."""
        await self.close()
        # As the terminal does: otherwise aiortc 1.16 leaves the second picture on a transport that is never started,
        # and its packets end up between those of the first.
        connection = self._connection = RTCPeerConnection(
            RTCConfiguration(
                iceServers=[] if self._relay is None else [self._relay.server],
                iceTransportPolicy=RTCIceTransportPolicy.ALL if self._relay is None else RTCIceTransportPolicy.RELAY,
                bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            )
        )
        self._came, self._heard = [], Counted()

        def on_track(track: MediaStreamTrack) -> None:
            counted = Counted() if track.kind == "video" else self._heard
            if track.kind == "video":
                self._came.append(counted)
            self._tasks.append(asyncio.ensure_future(counted.take(track)))

        def on_channel(channel: RTCDataChannel) -> None:
            self._tasks.append(asyncio.ensure_future(_point(channel)))

        connection.on("track", on_track)
        connection.on("datachannel", on_channel)
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        connection.addTrack(Tone())
        connection.addTrack(Stamped())
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)

    async def count(self, seconds: float) -> dict[str, object]:
        """What comes in from the first picture on, or from now where none comes within 20 s."""
        for _ in range(200):
            if any(each.frames for each in self._came):
                break
            await asyncio.sleep(0.1)
        for each in (*self._came, self._heard):
            each.forget()
        began = time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        came = self._came
        ages = sorted(came[0].ages) if came else []
        return {
            "state": "none" if self._connection is None else self._connection.connectionState,
            "camera_fps": round(came[0].frames / took, 1) if came else 0.0,
            "screen_fps": round(came[1].frames / took, 1) if len(came) > 1 else 0.0,
            "sound_share": round(self._heard.samples / (RATE * took), 2),
            "glass_to_glass_ms_p50": round(ages[len(ages) // 2]) if ages else None,
            "glass_to_glass_ms_p95": round(ages[int(len(ages) * 0.95)]) if ages else None,
        }

    async def fresh(self) -> float:
        """When the first picture was there that is made after this was asked, on the monotonic clock."""
        asked = time.monotonic()
        while True:
            for each in self._came[:1]:
                if each.ages and time.monotonic() - each.ages[-1] / 1000 > asked:
                    return time.monotonic()
                each.forget()
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Let go of what is connected."""
        connection, self._connection = self._connection, None
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        if connection is not None:
            await connection.close()


async def _point(channel: RTCDataChannel) -> None:
    """Send the time, ten times a second, as a pointer would be."""
    while channel.readyState in {"connecting", "open"}:
        if channel.readyState == "open":
            channel.send(repr(time.monotonic()))
        await asyncio.sleep(0.1)


async def run(relay: Relay | None) -> None:
    """Serve: a line of JSON in, a line of JSON out, until the input ends."""
    peer = Peer(relay=relay)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match json.loads(line):
            case {"offer": str(sdp)}:
                said: dict[str, object] = {"answer": await peer.answer(sdp)}
            case {"count": float(seconds) | int(seconds)}:
                said = await peer.count(float(seconds))
            case {"fresh": True}:
                said = {"at": await peer.fresh()}
            case other:
                raise ValueError(f"not understood: {other}")
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    await peer.close()


if __name__ == "__main__":
    install()  # a browser's buffer is patient with a bad line, and aiortc's own is not
    asyncio.run(run(Relay(*sys.argv[1:4]) if len(sys.argv) > 3 else None))
