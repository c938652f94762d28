"""Pictures and sound of remote help on a machine that stumbles: they go on afterwards."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from aiortc.codecs.vpx import Vp8Encoder
from av import VideoFrame

from kiosk.help import messages
from kiosk.help.sound import CHUNK, Handset
from kiosk.help.tracks import RingTrack
from kiosk.vision.children import environment
from kiosk.vision.frames import Ring

PICTURE = np.full((480, 640, 3), 90, np.uint8)


@pytest.mark.parametrize("stumbles", [(0.2,), (1.5,), (0.9, 0.6)])
def test_a_picture_is_never_older_than_the_one_before(stumbles: tuple[float, ...]) -> None:
    """The encoder ends at a time that goes back, and the sender ends with it, for the rest of the call."""
    ring = Ring.create(slots=2, height=480, width=640)
    ring.put(PICTURE, 1, 0.0)
    sent: list[None] = []

    async def run() -> list[VideoFrame]:
        track = RingTrack(ring, 15, 640, lambda: sent.append(None))
        frames = [await track.recv(), await track.recv()]
        for stumble in stumbles:
            time.sleep(stumble)
            frames.append(await track.recv())
        return frames + [await track.recv() for _ in range(4)]

    frames = asyncio.run(run())
    ring.close()
    times = [-1 if frame.pts is None else frame.pts for frame in frames]
    assert times == sorted(set(times))
    encoder = Vp8Encoder()
    assert all(encoder.encode(frame)[0] for frame in frames), "each of them is a picture on the line"
    assert len(sent) == len(frames)


def test_a_handset_that_went_away_is_opened_again(tmp_path: Path) -> None:
    place = tmp_path / "sound.sock"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(place))
    listener.listen(1)
    listener.setblocking(False)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        handset = Handset(f"socket:{place}")
        box = handset.ears.listen()
        running = asyncio.ensure_future(handset.run())
        try:
            for loudness in (1000, 2000):
                line, _ = await asyncio.wait_for(loop.sock_accept(listener), 30)
                with line:
                    await loop.sock_sendall(line, np.full(CHUNK, loudness, "<i2").tobytes())
                    assert (await asyncio.wait_for(box.get(), 30))[0] == loudness
            assert not running.done()
        finally:
            running.cancel()

    asyncio.run(run())
    listener.close()


def test_only_free_codecs_are_offered() -> None:
    """The offer of the real process, over the line that the terminal has to it."""
    rings = [Ring.create(slots=2, height=480, width=640) for _ in range(3)]
    ours, theirs = socket.socketpair()
    fds = (theirs.fileno(), *(ring.fd for ring in rings))
    words = [sys.executable, "-m", "kiosk.help.worker", str(os.getpid()), *map(str, fds), ""]
    process = subprocess.Popen(words, pass_fds=fds, env=environment(), stdin=subprocess.DEVNULL)
    theirs.close()
    try:
        ours.settimeout(50)
        ours.sendall(messages.pack(messages.Offer(party="weinan/li", attempt=1)))
        made = None
        while not isinstance(made, messages.Made):
            length = messages.LENGTH.unpack(ours.recv(messages.LENGTH.size, socket.MSG_WAITALL))[0]
            made = messages.report_of(ours.recv(length, socket.MSG_WAITALL))
    finally:
        process.kill()
        process.wait()
        ours.close()
        for ring in rings:
            ring.close()
    maps = [line.partition(" ")[2].partition("/")[0] for line in made.sdp.splitlines() if line.startswith("a=rtpmap:")]
    assert set(maps) >= {"opus", "VP8"}
    assert not {"H264", "H265"} & set(maps)
