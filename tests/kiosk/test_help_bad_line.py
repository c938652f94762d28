"""What comes in over a bad line: put into order, asked for again, given up in time; and how the sending gives way."""

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket

from kiosk.help.pace import CAMERA_STEPS, SCREEN_STEPS, Pace, Step
from kiosk.help.receiver import GIVE_UP_SECONDS, Asks, Buffer, install


def packet(number: int, moment: int, *, first: bool, last: bool, whole: bool = False) -> RtpPacket:
    """A packet of a VP8 picture, as aiortc hands it to its buffer."""
    head = bytes(VpxPayloadDescriptor(partition_start=int(first), partition_id=0))
    made = RtpPacket(payload_type=97, sequence_number=number % 0x10000, timestamp=moment, marker=int(last))
    body = bytes([0x10 if whole else 0x11, number % 256])
    made.payload = head + body
    setattr(made, "_data", body)  # noqa: B010  where aiortc puts it
    return made


def pictures(
    count: int, *, packets: int = 3, begin: int = 65_500, whole: frozenset[int] = frozenset({0})
) -> list[RtpPacket]:
    """So many pictures; the first one stands by itself, and the count goes past 16 bits."""
    return [
        packet(
            begin + each * packets + part, each * 6000, first=part == 0, last=part == packets - 1, whole=each in whole
        )
        for each in range(count)
        for part in range(packets)
    ]


def taken(buffer: Buffer) -> Iterator[int]:
    while (frame := buffer.take()) is not None:
        yield frame.timestamp // 6000


def test_what_is_in_disorder_is_put_into_order() -> None:
    buffer, got = Buffer(is_video=True), list[int]()
    sent = pictures(40)
    for place in range(2, len(sent) - 4, 5):
        sent[place], sent[place + 1] = sent[place + 1], sent[place]
    for place, each in enumerate(sent):
        assert not buffer.put(each, place * 0.02)
        buffer.put(each, place * 0.02)  # twice: nothing comes of it
        got += taken(buffer)
    assert got == list(range(40))


def test_a_picture_is_whole_with_its_last_packet() -> None:
    buffer = Buffer(is_video=True)
    one, two, three = pictures(1)
    for each in (one, two):
        buffer.put(each, 0.0)
        assert buffer.take() is None
    buffer.put(three, 0.0)
    assert buffer.take() is not None, "not only when the next picture begins"


def test_what_does_not_come_is_given_up_and_a_whole_picture_asked_for() -> None:
    buffer, got, asked = Buffer(is_video=True), list[int](), list[float]()
    for place, each in enumerate(pictures(60, whole=frozenset({0, 40}))):
        now = place * 0.0222
        if place == 31:  # the second of the eleventh picture
            continue
        if buffer.put(each, now):
            asked.append(now)
        got += taken(buffer)
    assert got == [*range(10), *range(40, 60)], "nothing that is made from what was lost"
    gap = 31 * 0.0222
    assert asked
    assert GIVE_UP_SECONDS <= asked[0] - gap < GIVE_UP_SECONDS + 0.2
    assert all(later - sooner >= 0.5 for sooner, later in pairwise(asked))


def test_a_whole_picture_is_shown_at_once_when_one_before_it_is_broken() -> None:
    buffer, got = Buffer(is_video=True), list[int]()
    for place, each in enumerate(pictures(12, whole=frozenset({0, 8}))):
        if place != 15:
            buffer.put(each, place * 0.01)
            got += taken(buffer)
    assert got == [0, 1, 2, 3, 4, 8, 9, 10, 11]


def test_sound_goes_on_after_a_hole_of_its_own_length() -> None:
    buffer, got = Buffer(is_video=False), list[int]()
    lost = set(random.Random(7).sample(range(10, 490), 96))
    for number in range(500):
        if number in lost:
            continue
        made = RtpPacket(payload_type=96, sequence_number=(65_000 + number) % 0x10000, timestamp=number * 960)
        made.payload = b"sound"
        setattr(made, "_data", made.payload)  # noqa: B010  where aiortc puts it
        assert not buffer.put(made, number * 0.02)
        while (frame := buffer.take()) is not None:
            got.append(frame.timestamp // 960)
    assert got == sorted(set(got))
    assert len(got) >= 500 - 96 - 4, "only what was lost is missing"


def test_a_sender_that_counts_anew_is_followed() -> None:
    buffer = Buffer(is_video=True)
    for each in pictures(3, begin=100):
        buffer.put(each, 0.0)
    assert list(taken(buffer)) == [0, 1, 2]
    for each in pictures(3, begin=40_000):
        buffer.put(each, 1.0)
    assert list(taken(buffer)) == [0, 1, 2]


@pytest.mark.parametrize("loss", [0.05, 0.2])
def test_lost_packets_are_asked_for_until_they_come(loss: float) -> None:
    """A wire that loses this share each way, and takes 40 ms."""
    chance, asks = random.Random(3), Asks()
    coming: list[tuple[float, int]] = []
    arrived, sent_again = set[int](), 0
    for turn in range(3000):
        now = turn * 0.01
        due = [number for at, number in coming if at <= now]
        coming = [(at, number) for at, number in coming if at > now]
        fresh = [turn % 0x10000] if chance.random() >= loss else []
        for number in (*due, *fresh):
            arrived.add(number)
            if asks.came(number, now) and chance.random() >= loss:
                for wanted in asks.missing:
                    sent_again += 1
                    if chance.random() >= loss:
                        coming.append((now + 0.08, wanted))
    missing = set(range(2900)) - arrived
    assert len(missing) < 6, "of some hundred that were lost"
    assert sent_again < 3000 * loss * 2.5, "not each of them many times"


def test_aiortc_is_the_one_that_was_built_for() -> None:
    assert install() == ""


def beats(pace: Pace, takes: float, seconds: float, now: float) -> tuple[int, float]:
    """Ask for pictures that each take so long; how many there were, and the time then."""
    count, end = 0, now + seconds
    while now < end:
        now = max(pace.next(now), now) + takes
        count += 1
    return count, now


@pytest.mark.parametrize(("steps", "fps"), [(CAMERA_STEPS, 15.0), (SCREEN_STEPS, 8.0)])
def test_a_machine_that_is_too_slow_is_given_less_and_later_more(steps: tuple[Step, ...], fps: float) -> None:
    pace = Pace(fps, steps)
    count, now = beats(pace, 0.01, 10.0, 100.0)
    assert count == pytest.approx(10 * fps, abs=2)
    assert pace.below == 0
    _, now = beats(pace, 1.2 / fps, 6.0, now)
    assert pace.below >= 1, "it cannot keep up"
    _, now = beats(pace, 3.0, 60.0, now)
    assert pace.below == len(steps) - 1, "and not less than that"
    _, now = beats(pace, 0.01, 400.0, now)
    assert pace.below == 0, "all of it again when it can"


def test_one_stumble_changes_nothing() -> None:
    pace = Pace(15, CAMERA_STEPS)
    _, now = beats(pace, 0.01, 5.0, 0.0)
    _, now = beats(pace, 1.0, 0.5, now)
    count, _ = beats(pace, 0.01, 4.0, now)
    assert pace.below == 0
    assert count <= 62, "what was missed is not sent later"


def test_more_is_tried_less_often_when_it_does_not_last() -> None:
    """A machine that can do ten a second, and no more."""
    pace, now, tries, below = Pace(15, CAMERA_STEPS), 0.0, 0, 0
    while now < 600:
        now = max(pace.next(now), now) + 0.09
        tries += pace.below < below
        below = pace.below
    assert 1 <= tries <= 12
