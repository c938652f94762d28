"""The process for pictures and sound: `python -m kiosk.help.worker PARENT LINE CAMERA SCREEN STAFF SOUND`.

Its own process, because encoding would make the screen late. It talks to nobody but the parties of the call that it is
told of, knows nothing of the citizen, and dies with the terminal that started it.
"""

import asyncio
import contextlib
import logging
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import aioice.stun
import msgspec
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from kiosk.help import messages
from kiosk.help.incoming import Counts, Incoming, StaffPicture
from kiosk.help.pace import CAMERA_STEPS, SCREEN_STEPS
from kiosk.help.receiver import install
from kiosk.help.sound import Handset
from kiosk.help.tracks import CAMERA_FPS, CAMERA_WIDTH, SCREEN_FPS, MicrophoneTrack, RingTrack
from kiosk.vision.children import end_with
from kiosk.vision.frames import Ring
from kiosk.wire.help import Relay

SCREEN_WIDTH: Final = 1080
ANSWER_SECONDS: Final = 1.5
_NICER: Final = 5
"""The screens, the camera's watch and the barrier come first: pictures of a call may be fewer for a moment."""
_FIGURES_SECONDS: Final = 2.0
_CHANNEL: Final = "guide"
_VP8: Final = [
    each for each in RTCRtpSender.getCapabilities("video").codecs if each.mimeType in {"video/VP8", "video/rtx"}
]
"""And nothing else: every browser has it, and the other one's encoder is under the GPL."""
_MOST_TEXT: Final = 4096
_REJECTED: Final = re.compile(r"^m=video 0 ", re.MULTILINE)
"""So a browser answers that has no codec for our pictures (RFC 3264, section 6)."""


@dataclass
class _Peer:
    """The connection to one party."""

    party: str
    attempt: int
    connection: RTCPeerConnection
    channel: RTCDataChannel
    tracks: list[MediaStreamTrack]
    incoming: Incoming
    closed: bool = False

    @property
    def slower(self) -> int:
        """Steps below the best, of the picture that is furthest down."""
        return max((each.pace.below for each in self.tracks if isinstance(each, RingTrack)), default=0)


class _Complaints(logging.Handler):
    """Passes on what the library warns of: a sender that fails says so nowhere else."""

    def __init__(self, report: Callable[[messages.Report], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Tell the last line, which of a traceback is what it was."""
        lines = record.getMessage().strip().splitlines()
        self._report(messages.Trouble(why=f"{record.name}: {lines[-1] if lines else ''}"[:200]))


class Worker:
    """Keeps the connections of one call.

    Args:
        writer: to the terminal.
        camera: its ring.
        screen: the ring of what the screen shows, masked.
        staff: the ring into which the staff's picture goes.
        handset: microphone and earpiece.
    """

    def __init__(self, writer: asyncio.StreamWriter, camera: Ring, screen: Ring, staff: Ring, handset: Handset) -> None:
        self._writer, self._camera, self._screen = writer, camera, screen
        self._picture, self._handset = StaffPicture(staff), handset
        self._peers: dict[str, _Peer] = {}
        self._counts = Counts()

    def report(self, said: messages.Report) -> None:
        """Tell the terminal something."""
        self._writer.write(messages.pack(said))

    async def obey(self, order: messages.Order) -> None:
        """Do what the terminal says."""
        match order:
            case messages.Offer():
                await self._drop(order.party)
                try:
                    await self._offer(order)
                except Exception as error:  # noqa: BLE001  a relay's name that is none, or the library: told, tried again
                    self.report(messages.State(party=order.party, attempt=order.attempt, state="failed"))
                    self.report(messages.Trouble(why=f"{type(error).__name__}: {error}"[:200]))
            case messages.Answered():
                await self._answered(order)
            case messages.Drop():
                await self._drop(order.party)
            case messages.Tell():
                for peer in self._peers.values():
                    if peer.channel.readyState == "open":
                        peer.channel.send(order.text)

    async def _offer(self, order: messages.Offer) -> None:
        # One transport for all: with the usual policy aiortc 1.16 leaves the second picture on one that it has closed.
        connection = RTCPeerConnection(
            RTCConfiguration(
                iceServers=[_server(each) for each in order.relays], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE
            )
        )
        tracks: list[MediaStreamTrack] = [MicrophoneTrack(self._handset)]
        if order.pictures:
            camera = RingTrack(self._camera, CAMERA_FPS, CAMERA_WIDTH, self._counts.sent_camera, CAMERA_STEPS)
            screen = RingTrack(self._screen, SCREEN_FPS, SCREEN_WIDTH, self._counts.sent_screen, SCREEN_STEPS)
            tracks += [camera, screen]
        for track in tracks:
            connection.addTrack(track)
        channel = connection.createDataChannel(_CHANNEL)  # after the tracks, so that it takes their transport
        incoming = Incoming(
            order.party, self._picture, self._handset.mixer, self._counts, lambda: self._tell_state(peer)
        )
        peer = _Peer(order.party, order.attempt, connection, channel, tracks, incoming)
        self._peers[order.party] = peer
        for track in tracks:
            track.on("ended", lambda: self._ended(peer))
        for each in connection.getTransceivers():
            if each.kind == "video":
                each.setCodecPreferences(_VP8)
        if order.pictures:
            connection.getTransceivers()[2].direction = "sendonly"
        connection.on("track", incoming.take)
        connection.on("connectionstatechange", lambda: self._tell_state(peer))
        channel.on("open", lambda: self._tell_state(peer))
        channel.on("message", lambda text: self._told(peer, text))
        await connection.setLocalDescription(await connection.createOffer())
        if self._peers.get(order.party) is peer:
            self.report(messages.Made(party=peer.party, attempt=peer.attempt, sdp=connection.localDescription.sdp))

    async def _answered(self, order: messages.Answered) -> None:
        peer = self._peers.get(order.party)
        if peer is None or peer.attempt != order.attempt or peer.connection.signalingState != "have-local-offer":
            return  # to an offer that was made anew since
        if _REJECTED.search(order.sdp):  # with its pictures rejected, aiortc 1.16 takes nothing of an answer
            self.report(messages.State(party=peer.party, attempt=peer.attempt, state="failed", unsuited=True))
            return
        try:
            await peer.connection.setRemoteDescription(RTCSessionDescription(sdp=order.sdp, type="answer"))
        except Exception:  # noqa: BLE001  a browser's description that aiortc cannot read ends this try, not the process
            self.report(messages.State(party=peer.party, attempt=peer.attempt, state="failed"))

    async def _drop(self, party: str) -> None:
        peer = self._peers.pop(party, None)
        if peer is None:
            return
        peer.closed = True
        peer.incoming.stop()
        for track in peer.tracks:
            track.stop()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2.0):
                await peer.connection.close()

    def _told(self, peer: _Peer, text: object) -> None:
        if isinstance(text, str) and len(text) <= _MOST_TEXT:
            self.report(messages.Told(party=peer.party, text=text))
        else:
            self.report(messages.Told(party=peer.party, text=""))  # counts as what cannot be read

    def _tell_state(self, peer: _Peer) -> None:
        if peer.closed:
            return
        state = peer.connection.connectionState
        self.report(
            messages.State(
                party=peer.party,
                attempt=peer.attempt,
                state="failed" if state in {"failed", "closed"} else state,
                channel=peer.channel.readyState == "open",
                video=peer.incoming.video,
                audio=peer.incoming.audio,
            )
        )

    def _ended(self, peer: _Peer) -> None:
        """A track of ours has ended without having been told to: its sender failed. The connection is made anew."""
        if peer.closed or peer.connection.connectionState != "connected":
            return
        self.report(messages.Trouble(why="a sender ended"))
        self.report(messages.State(party=peer.party, attempt=peer.attempt, state="failed"))

    # ------------------------------------------------------------------------------------------------------------

    async def count(self) -> None:
        """Tell the figures now and then."""
        before, cpu = time.monotonic(), _cpu()
        while True:
            await asyncio.sleep(_FIGURES_SECONDS)
            now, spent = time.monotonic(), _cpu()
            counts = self._counts
            self.report(
                messages.Figures(
                    seconds=now - before,
                    cpu_seconds=spent - cpu,
                    camera_frames=counts.camera,
                    screen_frames=counts.screen,
                    staff_frames=counts.staff,
                    heard_samples=counts.samples,
                    lost=await self._lost(),
                    slower=max((peer.slower for peer in self._peers.values()), default=0),
                )
            )
            counts.camera = counts.screen = counts.staff = counts.samples = 0
            before, cpu = now, spent

    async def _lost(self) -> int:
        total = 0
        for peer in list(self._peers.values()):
            stats = await peer.connection.getStats()
            total += sum(max(0, each.packetsLost) for each in stats.values() if each.type == "inbound-rtp")
        return total

    async def close(self) -> None:
        """End all connections."""
        for party in list(self._peers):
            await self._drop(party)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def _server(relay: Relay) -> RTCIceServer:
    return RTCIceServer(urls=list(relay.urls), username=relay.username or None, credential=relay.credential or None)


async def serve(line: socket.socket, rings: tuple[Ring, Ring, Ring], sound: str) -> None:
    """Serve until the terminal closes the line."""
    reader, writer = await asyncio.open_connection(sock=line)
    handset = Handset(sound)
    camera, screen, staff = rings
    worker = Worker(writer, camera, screen, staff, handset)
    logging.getLogger("aiortc").addHandler(_Complaints(worker.report))
    if why := install():
        worker.report(messages.Trouble(why=why[:200]))
    beside = [asyncio.ensure_future(handset.run()), asyncio.ensure_future(worker.count())]
    worker.report(messages.Ready(camera=camera.look() is not None, microphone=bool(handset.kind)))
    working: set[asyncio.Task[None]] = set()
    try:
        while True:
            length = messages.LENGTH.unpack(await reader.readexactly(messages.LENGTH.size))[0]
            if length > messages.MOST:
                break
            order = messages.order_of(await reader.readexactly(length))
            task = asyncio.ensure_future(worker.obey(order))
            working.add(task)
            task.add_done_callback(working.discard)
            if not isinstance(order, messages.Offer):
                await task  # gathering addresses for one must not keep the others waiting
    except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError):
        pass  # the terminal has gone, or wants nothing more
    finally:
        for each in (*beside, *working):
            each.cancel()
        await worker.close()


def _be_patient() -> None:
    """Wait for an answer to a check longer than half a second.

    aioice asks every five seconds whether the other end is there still, each time once, and closes the connection after
    six answers that were not there in time: on a line that takes more than 0.5 s there and back, after 33 s.
    """
    aioice.stun.RETRY_RTO = ANSWER_SECONDS


def main() -> None:
    """Run; the arguments are the parent's id, descriptors of the line and three rings, and where sound is."""
    _be_patient()
    os.nice(_NICER)
    parent, line, camera, screen, staff = (int(word) for word in sys.argv[1:6])
    end_with(parent)
    rings = Ring.attach(camera), Ring.attach(screen), Ring.attach(staff)
    asyncio.run(serve(socket.socket(fileno=line), rings, sys.argv[6]))


if __name__ == "__main__":
    main()
