"""What staff send: their picture into the ring that the screens read, their voice into the earpiece."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler, VideoFrame
from numpy.typing import NDArray

from kiosk.help.process import STAFF_SIZE
from kiosk.help.sound import CHUNK, RATE, Mixer
from kiosk.vision.frames import Ring


@dataclass
class Counts:
    """Since the last figures."""

    camera: int = 0
    screen: int = 0
    staff: int = 0
    samples: int = 0

    def sent_camera(self) -> None:
        """One more picture of the camera is on its way."""
        self.camera += 1

    def sent_screen(self) -> None:
        """One more of the screen."""
        self.screen += 1


class StaffPicture:
    """The ring for the picture of whoever helps; of several, of the first that sends one.

    Args:
        ring: the screens read it.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._number = 0
        self._shown = ""

    def put(self, party: str, frame: VideoFrame) -> None:
        """A picture of somebody."""
        if self._shown in {"", party}:
            self._shown = party
            self._number += 1
            self._ring.put(_fitted(frame), self._number, time.monotonic())

    def gone(self, party: str) -> None:
        """Somebody sends none any more: another one may be seen."""
        if self._shown == party:
            self._shown = ""


class Incoming:
    """What one party sends.

    Args:
        party: who.
        picture: where pictures go.
        mixer: where sound goes.
        counts: of all parties together.
        changed: the first picture or sound is there.

    Attributes:
        video: pictures come.
        audio: sound comes.
    """

    def __init__(
        self, party: str, picture: StaffPicture, mixer: Mixer, counts: Counts, changed: Callable[[], None]
    ) -> None:
        self._party, self._picture, self._mixer, self._counts, self._changed = party, picture, mixer, counts, changed
        self._tasks: list[asyncio.Task[None]] = []
        self.video = self.audio = False

    def take(self, track: MediaStreamTrack) -> None:
        """Take what comes on a track until it ends."""
        self._tasks.append(asyncio.ensure_future(self._watch(track) if track.kind == "video" else self._listen(track)))

    def stop(self) -> None:
        """Nothing of them is taken any more."""
        for task in self._tasks:
            task.cancel()
        self._mixer.drop(self._party)
        self._picture.gone(self._party)

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if not isinstance(frame, VideoFrame):
                    continue
                self._counts.staff += 1
                if not self.video:
                    self.video = True
                    self._changed()
                self._picture.put(self._party, frame)
        self.video = False
        self._picture.gone(self._party)

    async def _listen(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=CHUNK)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if not isinstance(frame, AudioFrame):
                    continue
                if not self.audio:
                    self.audio = True
                    self._changed()
                for part in resampler.resample(frame):
                    samples = part.to_ndarray().reshape(-1).astype(np.int16, copy=False)
                    self._counts.samples += len(samples)
                    self._mixer.put(self._party, samples)


def _fitted(frame: VideoFrame) -> NDArray[np.uint8]:
    """Not larger than the ring, its shape kept."""
    height, width = STAFF_SIZE
    share = min(1.0, width / frame.width, height / frame.height)
    if share < 1.0:
        frame = frame.reformat(width=int(frame.width * share) // 2 * 2, height=int(frame.height * share) // 2 * 2)
    return frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
