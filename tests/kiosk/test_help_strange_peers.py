"""The real process for pictures and sound, and what comes from the other end that was not to be expected."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

from benchmarks.help_call import PARTY, Worker
from benchmarks.help_peer import Tone
from kiosk.help import messages
from kiosk.vision.frames import Ring

pytestmark = pytest.mark.timeout(120)


class Browser:
    """A peer in this process, and what it has received."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.tracks: list[MediaStreamTrack] = []
        self._channel: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
        self.connection.on("track", self.tracks.append)
        self.connection.on("datachannel", self._channel.set_result)

    async def answer(self, sdp: str) -> str:
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        self.connection.addTrack(Tone())
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return str(self.connection.localDescription.sdp)

    async def opened(self) -> RTCDataChannel:
        channel = await asyncio.wait_for(self._channel, 60)
        for _ in range(600):
            if channel.readyState == "open":
                return channel
            await asyncio.sleep(0.1)
        raise AssertionError(channel.readyState)


@asynccontextmanager
async def offered(worker: Worker, attempt: int = 1, *, pictures: bool = True) -> AsyncIterator[tuple[Browser, str]]:
    """A browser that has been offered something; and what it would answer."""
    other = Browser()
    worker.tell(messages.Offer(party=PARTY, attempt=attempt, pictures=pictures))
    made = await asyncio.to_thread(worker.until, messages.Made)
    try:
        yield other, await other.answer(made.sdp)
    finally:
        await other.connection.close()


async def said_of(worker: Worker, wanted: Callable[[messages.State], bool]) -> messages.State:
    """The next of its states that is so."""
    async with asyncio.timeout(90):
        while not wanted(said := await asyncio.to_thread(worker.until, messages.State)):
            pass
    return said


@pytest.fixture
def rings() -> tuple[Ring, Ring, Ring]:
    """Nobody puts anything into them: the camera is somebody else's."""
    return (
        Ring.create(slots=2, height=480, width=640),
        Ring.create(slots=2, height=480, width=640),
        Ring.create(slots=2, height=480, width=640),
    )


@pytest.fixture
def worker(rings: tuple[Ring, Ring, Ring]) -> Iterator[Worker]:
    made = Worker(rings=rings)
    made.until(messages.Ready)
    yield made
    made.close()
    for ring in rings:
        ring.close()


def without_pictures(answer: str) -> str:
    """What a browser answers that has no codec in common for pictures (RFC 3264: port 0)."""
    head, *media = re.split(r"(?=^m=)", answer, flags=re.MULTILINE)
    told = []
    for each in media:
        if each.startswith("m=video"):
            lines = each.splitlines()
            first = re.sub(r"^m=video \d+", "m=video 0", lines[0])
            mid = next(line for line in lines if line.startswith("a=mid:"))
            told.append(f"{first}\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n{mid}\r\n")
        else:
            told.append(each)
    return head.replace("a=group:BUNDLE 0 1 2 3", "a=group:BUNDLE 0 3") + "".join(told)


def test_a_browser_without_the_codec_talks_and_points(worker: Worker) -> None:
    async def run() -> None:
        async with offered(worker) as (_, answer):
            worker.tell(messages.Answered(party=PARTY, attempt=1, sdp=without_pictures(answer)))
            assert (await said_of(worker, lambda said: said.state == "failed")).unsuited
        async with offered(worker, 2, pictures=False) as (other, answer):  # as the call does then
            worker.tell(messages.Answered(party=PARTY, attempt=2, sdp=answer))
            (await other.opened()).send('{"do":"unpoint"}')
            said = await said_of(worker, lambda said: said.audio and said.channel)
            assert (said.state, said.video) == ("connected", False)
            assert [track.kind for track in other.tracks] == ["audio"]

    asyncio.run(run())


def test_a_camera_that_is_in_use_is_a_grey_picture(worker: Worker, rings: tuple[Ring, Ring, Ring]) -> None:
    async def run() -> None:
        async with offered(worker) as (other, answer):
            worker.tell(messages.Answered(party=PARTY, attempt=1, sdp=answer))
            await said_of(worker, lambda said: said.state == "connected")
            camera = next(track for track in other.tracks if track.kind == "video")
            grey = await light_of(camera, lambda light: light < 140)
            assert 60 < grey < 140, "neither black nor frozen: it comes"
            rings[0].put(np.full((480, 640, 3), 250, np.uint8), 1, 0.0)  # whoever had it has let go of it
            assert await light_of(camera, lambda light: light > 200) > 200

    asyncio.run(run())


async def light_of(track: MediaStreamTrack, wanted: Callable[[float], bool]) -> float:
    async with asyncio.timeout(60):
        while True:
            frame = await track.recv()
            assert isinstance(frame, VideoFrame)
            light = float(frame.to_ndarray(format="bgr24").mean())
            if wanted(light):
                return light


def test_garbage_through_the_channel_is_passed_on_as_what_it_is_and_ends_nothing(worker: Worker) -> None:
    async def run() -> None:
        async with offered(worker) as (other, answer):
            worker.tell(messages.Answered(party=PARTY, attempt=1, sdp=answer))
            channel = await other.opened()
            sent: list[str | bytes] = [b"\x00\xff" * 40, "x" * 60_000, "", "\x00", '{"do":"unpoint"}']
            for each in sent:
                channel.send(each)
            told: list[str] = []
            async with asyncio.timeout(90):
                while len(told) < len(sent):
                    said = await asyncio.to_thread(worker.read)
                    if isinstance(said, messages.Told):
                        told.append(said.text)
            assert told == ["", "", "", "\x00", '{"do":"unpoint"}']

    asyncio.run(run())


@pytest.mark.parametrize(
    "sdp", ["", "v=0", "\x00" * 100, "m=audio x y z\r\n" * 20], ids=["none", "cut", "noughts", "lines"]
)
def test_an_answer_that_is_none_ends_that_try_and_not_the_process(worker: Worker, sdp: str) -> None:
    async def run() -> None:
        async with offered(worker):
            worker.tell(messages.Answered(party=PARTY, attempt=1, sdp=sdp))
            assert (await said_of(worker, lambda said: said.state == "failed")).attempt == 1
        async with offered(worker, 2) as (other, answer):
            worker.tell(messages.Answered(party=PARTY, attempt=1, sdp=answer))  # to one that is over
            worker.tell(messages.Answered(party=PARTY, attempt=2, sdp=answer))
            await other.opened()

    asyncio.run(run())
