"""Pictures and sound as tracks of a connection: the camera's ring, the screen's ring, the microphone."""

import asyncio
import fractions
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from kiosk.help.pace import Pace, Step
from kiosk.help.sound import CHUNK, RATE, SILENCE, Handset
from kiosk.vision.frames import Ring

CAMERA_FPS: Final = 15
SCREEN_FPS: Final = 8
CAMERA_WIDTH: Final = 640
_CLOCK: Final = 90_000
_TICK: Final = fractions.Fraction(1, _CLOCK)


class RingTrack(MediaStreamTrack):
    """The newest picture of a ring, so many times a second; a grey one while there is none.

    Args:
        ring: of the camera or the screen.
        fps: pictures a second.
        width: at most so wide; larger ones are thinned out by a whole factor.
        sent: called with each picture.
        steps: what is sent while the machine is slow; none: always the same.
    """

    kind = "video"

    def __init__(
        self, ring: Ring, fps: int, width: int, sent: Callable[[], None], steps: tuple[Step, ...] = (Step(1.0, 1),)
    ) -> None:
        super().__init__()
        self._ring, self._width, self._sent = ring, width, sent
        self.pace = Pace(fps, steps)
        self._began = 0.0
        self._told = -1

    async def recv(self) -> VideoFrame:
        """The next picture, when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._told < 0:
            self._began = now
        await asyncio.sleep(max(0.0, self.pace.next(now) - now))
        frame = VideoFrame.from_ndarray(self._picture(), format="bgr24")
        # Its time only ever goes on: the encoder ends, and the sender with it, at a picture older than the one before.
        self._told = max(self._told + 1, int((time.monotonic() - self._began) * _CLOCK))
        frame.pts = self._told
        frame.time_base = _TICK
        self._sent()
        return frame

    def _picture(self) -> NDArray[np.uint8]:
        found = self._ring.copy()
        if found is None:
            return np.full((480, 640, 3), 96, np.uint8)
        step = -(-found.image.shape[1] // self._width) * self.pace.step.thinned
        image = found.image[::step, ::step]
        height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2  # what encoders take
        return np.ascontiguousarray(image[:height, :width])


class MicrophoneTrack(MediaStreamTrack):
    """What the microphone hears; silence while there is none, in the same beat."""

    kind = "audio"

    def __init__(self, handset: Handset) -> None:
        super().__init__()
        self._handset = handset
        self._box = handset.ears.listen()
        self._due: float | None = None
        self._count = 0

    async def recv(self) -> AudioFrame:
        """The next 20 ms."""
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if self._due is None:
            self._due = loop.time()
        self._due = max(self._due + CHUNK / RATE, loop.time() - 0.2)
        try:
            async with asyncio.timeout_at(self._due + CHUNK / RATE):
                samples = await self._box.get()
        except TimeoutError:
            samples = SILENCE
        frame = AudioFrame(format="s16", layout="mono", samples=CHUNK)
        frame.planes[0].update(samples.astype("<i2").tobytes())
        frame.sample_rate = RATE
        frame.pts = self._count * CHUNK
        frame.time_base = fractions.Fraction(1, RATE)
        self._count += 1
        return frame

    def stop(self) -> None:
        """Nobody listens any more."""
        self._handset.ears.leave(self._box)
        super().stop()
