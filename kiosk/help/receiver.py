"""Pictures and sound that come in over a bad line: what aiortc 1.16 does with it, done otherwise.

aiortc waits for a packet that is lost until its buffer is full: 512 packets of a picture (some ten seconds that stand
still), 16 of sound (a third of a second). It asks for a packet once, and shows a picture only when the next one begins.
Here a packet is asked for again, a picture is whole with its last packet, and what does not come is given up in time:
20 ms of sound at once, a picture after a second, when a whole new one is asked for.

`Receiver` takes the place of aiortc's class of that name, by way of attributes that are private there: `install` says
so when another version has others.
"""

import queue
import threading
import time
from dataclasses import dataclass
from typing import Final

import aiortc.rtcpeerconnection
import aiortc.rtcrtpsender
import aiortc.rtcsctptransport
from aiortc.codecs import is_rtx
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver, TimestampMapper
from aiortc.rtp import RtpPacket

GIVE_UP_SECONDS: Final = 1.0
"""A lost packet of a picture may take so long; it is asked for some times in it."""
ASK_AGAIN_SECONDS: Final = 0.2
_SOONEST_AGAIN_SECONDS: Final = 0.05
WHOLE_AGAIN_SECONDS: Final = 0.5
_SOUND_WAITS: Final = 3
"""Packets of sound, 20 ms each, that are kept back so that one that is late finds its place."""
_MOST_WAITING: Final = 1024
_JUMP: Final = 3000
"""A number so far from the last one is another count."""
_MOST_ASKED: Final = 100
_CHANNEL_WAITS: Final = (1.0, 0.4)
"""Seconds until what was lost in the data channel is sent again: the first time, and at least. aiortc's 3 and 1 are for
the whole internet; a pointer that is a second late points at something else."""
_KEPT: Final = 1024
"""Packets that can be sent again; aiortc's 128 are a third of a second of a picture that moves."""


class Buffer:
    """Puts packets into their order again, and together to pictures or sound.

    Args:
        is_video: of VP8; otherwise sound with a packet each 20 ms.
    """

    def __init__(self, *, is_video: bool) -> None:
        self._is_video = is_video
        self._waiting: dict[int, RtpPacket] = {}
        self._head: int | None = None
        """Number of the packet that comes next, counted on beyond 16 bits."""
        self._newest = 0
        self._hole: tuple[int, float] | None = None
        """The first that is missing, and since when."""
        self._wants_whole = is_video
        """What comes before a picture that stands by itself cannot be shown."""
        self._asked_whole = 0.0

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """One more packet; as aiortc's own buffer answers.

        Returns:
            Whether a whole picture is to be asked for; and what is complete now, if anything is.
        """
        return self.put(packet, time.monotonic()), self.take()

    def put(self, packet: RtpPacket, now: float) -> bool:
        """The same, without taking; whether a whole picture is to be asked for."""
        number = packet.sequence_number
        if self._head is None:
            self._head = self._newest = number
            self._asked_whole = now  # it begins with one, if nothing is lost
        step = (number - self._newest + 0x8000) % 0x10000 - 0x8000
        if abs(step) > _JUMP:
            self._waiting.clear()
            self._head = self._newest + step
            self._wants_whole = self._is_video
        place = self._newest + step
        if place < self._head:
            return False  # twice, or given up
        self._newest = max(self._newest, place) if abs(step) <= _JUMP else place
        self._waiting[place] = packet
        if (self._wants_whole or self._hole is not None) and self._is_video and _begins_whole(packet):
            self._begin_at(place)  # nothing before it is needed any more
        self._give_up(now)
        if self._wants_whole and now - self._asked_whole >= WHOLE_AGAIN_SECONDS:
            self._asked_whole = now
            return True
        return False

    def _give_up(self, now: float) -> None:
        head = self._head
        assert head is not None
        if not self._is_video:
            if head not in self._waiting and len(self._waiting) > _SOUND_WAITS:
                self._head = min(self._waiting)
            return
        if len(self._waiting) == self._newest - head + 1:
            self._hole = None
            return
        hole = next(place for place in range(head, self._newest + 1) if place not in self._waiting)
        if self._hole is None or self._hole[0] != hole:
            self._hole = (hole, now)
        elif now - self._hole[1] > GIVE_UP_SECONDS or len(self._waiting) > _MOST_WAITING:
            self._begin_at(min(place for place in self._waiting if place > hole))

    def _begin_at(self, place: int) -> None:
        self._waiting = {each: packet for each, packet in self._waiting.items() if each >= place}
        self._head, self._hole, self._wants_whole = place, None, True

    def take(self) -> JitterFrame | None:
        """The next picture, or 20 ms of sound; None while it is not complete."""
        while (packets := self._next()) is not None:
            data = b"".join(_data(each) for each in packets)
            if not data:
                continue  # only padding
            if self._wants_whole:
                if not _begins_whole(packets[0]):
                    continue  # made from one that is lost
                self._wants_whole = False
            return JitterFrame(data=data, timestamp=packets[0].timestamp)
        return None

    def _next(self) -> list[RtpPacket] | None:
        if self._head is None or self._head not in self._waiting:
            return None
        if not self._is_video:
            if len(self._waiting) <= _SOUND_WAITS:
                return None
            self._head += 1
            return [self._waiting.pop(self._head - 1)]
        found: list[RtpPacket] = []
        place = self._head
        while (packet := self._waiting.get(place)) is not None:
            if found and packet.timestamp != found[0].timestamp:
                break
            found.append(packet)
            place += 1
            if packet.marker:
                break
        else:
            return None  # its last packet is not there yet
        for each in range(self._head, place):
            del self._waiting[each]
        self._head = place
        return found


def _data(packet: RtpPacket) -> bytes:
    """What aiortc puts there beside the packet: its payload without the codec's own head."""
    found: bytes = getattr(packet, "_data", b"")
    return found


def _begins_whole(packet: RtpPacket) -> bool:
    """Whether a packet is the first of a VP8 picture that stands by itself (RFC 7741, 4.2 and 4.3)."""
    data = _data(packet)
    return bool(packet.payload) and packet.payload[0] & 0x17 == 0x10 and bool(data) and not data[0] & 1


class Asks:
    """Which lost packets are asked for, and when again; in the place of aiortc's `NackGenerator`.

    Attributes:
        missing: to be asked for now.
    """

    def __init__(self) -> None:
        self.missing: set[int] = set()
        self._newest: int | None = None
        self._lost: dict[int, _Lost] = {}
        self._again = ASK_AGAIN_SECONDS
        """So long after it was asked for it is asked for again: a little more than there and back takes."""

    def add(self, packet: RtpPacket) -> bool:
        """A packet has come; whether `missing` is to be asked for."""
        return self.came(packet.sequence_number, time.monotonic())

    def came(self, number: int, now: float) -> bool:
        """The same, by its number."""
        if self._newest is None:
            self._newest = number
        ahead = (number - self._newest + 0x8000) % 0x10000 - 0x8000
        if abs(ahead) > _JUMP:
            self._lost.clear()
            self._newest = number
        elif ahead > 0:
            for back in range(min(ahead - 1, _MOST_ASKED), 0, -1):
                self._lost[(number - back) % 0x10000] = _Lost(now)
            self._newest = number
        found = self._lost.pop(number, None)
        if found is not None and found.times == 1:
            self._again = min(max(1.5 * (now - found.asked), _SOONEST_AGAIN_SECONDS), 2 * ASK_AGAIN_SECONDS)
        self._lost = {key: each for key, each in self._lost.items() if now - each.since < GIVE_UP_SECONDS}
        self.missing = {key for key, each in self._lost.items() if not each.times or now - each.asked >= self._again}
        for key in self.missing:
            self._lost[key].asked = now
            self._lost[key].times += 1
        return bool(self.missing)


@dataclass(slots=True)
class _Lost:
    since: float
    asked: float = 0.0
    times: int = 0


class Receiver(RTCRtpReceiver):
    """aiortc's receiver with another patience."""

    # As they are called by the compiler, there and here.
    _RTCRtpReceiver__codecs: dict[int, RTCRtpCodecParameters]
    _RTCRtpReceiver__decoder_thread: threading.Thread | None
    _RTCRtpReceiver__decoder_queue: "queue.Queue[tuple[RTCRtpCodecParameters, JitterFrame]]"
    _RTCRtpReceiver__timestamp_mapper: TimestampMapper

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self._buffer = Buffer(is_video=kind == "video")
        self._RTCRtpReceiver__jitter_buffer = self._buffer
        if kind == "video":
            self._RTCRtpReceiver__nack_generator = Asks()

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """As aiortc; and what is sent again is known to be of this stream, also where there are two of pictures."""
        await super().receive(parameters)
        table = self.transport._rtp_router.ssrc_table  # noqa: SLF001  see above
        table.update({each.rtx.ssrc: self for each in parameters.encodings if each.rtx is not None})

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        await super()._handle_rtp_packet(packet, arrival_time_ms=arrival_time_ms)
        # aiortc takes one frame a packet; after a hole there may be more of them.
        while (frame := self._buffer.take()) is not None:
            codec = self._RTCRtpReceiver__codecs.get(packet.payload_type)
            if codec is not None and is_rtx(codec):
                codec = self._RTCRtpReceiver__codecs.get(int(codec.parameters.get("apt") or -1))
            if codec is None or self._RTCRtpReceiver__decoder_thread is None:
                return
            frame.timestamp = self._RTCRtpReceiver__timestamp_mapper.map(frame.timestamp)
            self._RTCRtpReceiver__decoder_queue.put((codec, frame))


_PRIVATE: Final = ("jitter_buffer", "nack_generator", "codecs", "decoder_thread", "timestamp_mapper", "decoder_queue")


def install() -> str:
    """Have aiortc use it for connections made from now on.

    Returns:
        Empty; or why it was left as it is.
    """
    known = set(RTCRtpReceiver.__init__.__code__.co_names)
    strange = [name for name in _PRIVATE if f"_RTCRtpReceiver__{name}" not in known]
    if strange:
        return f"aiortc is another one: {', '.join(strange)}"
    # As attributes of modules, which is where aiortc looks them up when it makes a connection.
    vars(aiortc.rtcpeerconnection)["RTCRtpReceiver"] = Receiver
    vars(aiortc.rtcrtpsender)["RTP_HISTORY_SIZE"] = _KEPT
    first, least = _CHANNEL_WAITS
    vars(aiortc.rtcsctptransport).update(SCTP_RTO_INITIAL=first, SCTP_RTO_MIN=least)
    return ""
