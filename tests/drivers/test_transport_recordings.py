"""Recordings: what is written, that nobody is in them, and that they play."""

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.contract import Driver
from drivers.errors import BadFrame, DeviceFault, LinkError, NoAnswer, NotPresent, Remedy
from drivers.id_reader import sam_v, sam_v_mask
from drivers.id_reader.sam_v_reader import SamVReader
from drivers.kinds import DocumentKind, IdCard
from drivers.masks import HIDDEN, PLAIN, Masks, hidden, plain
from drivers.registry import driver_class, make, masks_of
from drivers.simulate.__main__ import start
from drivers.simulate.contract import Garble, Simulator
from drivers.simulate.replay import (
    Differs,
    FourPipeReplay,
    HidReplay,
    NotARecording,
    Recording,
    SerialReplay,
    Step,
    TcpReplay,
    load,
)
from drivers.simulate.sam_v import (
    PHOTO_HEADER,
    SamV,
    SamVHidSimulator,
    SamVSimulator,
    SamVUsbSimulator,
    SimulatedCard,
    text_record,
)
from drivers.thermometer.gy_614 import Gy614, Gy614Options
from drivers.transport import recorder
from drivers.transport.recorder import Recorder, Way
from drivers.transport.tcp import TcpLine

PHOTO = PHOTO_HEADER + bytes(range(1, 251)) * 4 + bytes(range(12))
PRINTS = bytes(reversed(range(256))) * 4
PEOPLE = [
    SimulatedCard(
        name="欧阳测试",
        number="110101197112250012",
        birth=date(1971, 12, 25),
        address="上海市黄浦区某某街一号",
        issuer="上海市公安局黄浦分局",
        valid_from=date(2011, 6, 9),
        valid_to=date(2031, 6, 9),
        sex="2",
        nation="55",
        photo=PHOTO,
        fingerprints=PRINTS,
        appended_address="南京市玄武区某某路二号",
    ),
    SimulatedCard(
        name="TESTER, ANNA MARIA",
        number="FRA110071122501",
        birth=date(1971, 12, 25),
        photo=PHOTO,
        document=DocumentKind.FOREIGNER,
        nationality="FRA",
        old_permit=True,
    ),
    SimulatedCard(
        name="TESTER, BERTA WITH A NAME LONGER THAN A FIELD",
        number="931101197112250016",
        birth=date(1971, 12, 25),
        photo=PHOTO,
        document=DocumentKind.FOREIGNER,
        nationality="DEU",
    ),
    SimulatedCard(
        name="测试港",
        number="810000197112250016",
        birth=date(1971, 12, 25),
        address="深圳市南山区某某道三号",
        issuer="深圳市公安局",
        photo=PHOTO,
        document=DocumentKind.HK_MO_TW,
    ),
]
WIRES = ["id_reader/sam-v-serial", "id_reader/sam-v-usb", "id_reader/sam-v-hid"]
EVERYTHING = {"read_fingerprints": True, "read_appended_address": True}
AnySimulator = SamVSimulator | SamVUsbSimulator | SamVHidSimulator


def secrets_of(card: SimulatedCard) -> list[bytes]:
    """Everything that must not be in a file, as it is on the wire: no four characters of a text, no 16 of a picture."""
    texts = [card.name, card.number, card.address, card.issuer, card.appended_address, f"{card.birth:%Y%m%d}"]
    if card.nationality != "XXX":
        texts.append(card.nationality)
    found = [
        text[at : at + 4].encode("utf-16-le")
        for text in texts
        for at in range(max(1, len(text) - 3))
        if len(text) >= 3 and text[at : at + 4].strip()
    ]
    blocks = [card.photo[len(PHOTO_HEADER) :], card.fingerprints]
    return found + [block[at : at + 16] for block in blocks for at in range(0, len(block) - 15, 8)]


MASKED = (
    "已遮盖",
    "录音中已遮盖",
    "110101199003070011",
    "810000199003070015",
    "XXX110090030701",
    "911101199003070011",
    "19900307",
    "20150101",
)
"""What a masked card says of itself: it has a number and a birthday too, and numbers share digits."""
ALLOWED = "|".join(MASKED).encode("utf-16-le")


def reply(text: bytes) -> bytes:
    body = bytes.fromhex("0508 000090 01000400") + text + PHOTO
    return sam_v.PREAMBLE + body + bytes([sam_v.check_byte(body)])


def bytes_in(recording: Path) -> bytes:
    """Everything that went either way, in one piece each, so that nothing hides at the edge of a line."""
    ways: dict[str, bytes] = {}
    for line in recording.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        for way in Way:
            if way.value in entry:
                ways[way.value] = ways.get(way.value, b"") + bytes.fromhex(entry[way.value])
    return b"|".join(ways.values())


def assert_nobody_in(recording: Path) -> None:
    data, whole = bytes_in(recording), recording.read_bytes()
    for card in PEOPLE:
        for secret in secrets_of(card):
            if secret not in ALLOWED:
                assert secret not in data
                assert secret.hex().encode() not in whole
        for text in (card.name, card.number, card.address):
            assert not text or text.encode() not in whole


@pytest.fixture(autouse=True)
def quick_module(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("_FIND_S", "_SELECT_S", "_READ_S"):
        monkeypatch.setattr(f"drivers.simulate.sam_v.{pause}", 0.001)


@pytest.fixture
def session(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Callable[[str], tuple[SamVReader, AnySimulator, Path]]:
    def begin(key: str) -> tuple[SamVReader, AnySimulator, Path]:
        simulator = start(key, tmp_path)
        plugged_in.callback(simulator.close)
        assert isinstance(simulator, AnySimulator)
        path = tmp_path / "wire.jsonl"
        found = driver_class(key)
        options = {"record": str(path), **EVERYTHING}
        driver = make(found, found.options.model_validate({**simulator.options, **options}))
        assert isinstance(driver, SamVReader)
        plugged_in.callback(driver.close)
        return driver, simulator, path

    return begin


Session = Callable[[str], tuple[SamVReader, AnySimulator, Path]]


def lay_and_read(driver: SamVReader, simulator: SamV) -> list[IdCard]:
    driver.open()
    assert driver.read() is None
    cards = []
    for person in PEOPLE:
        simulator.lay(person)
        card = driver.read()
        assert card is not None
        cards.append(card)
    driver.close()
    return cards


def replayed(key: str, recording: Recording, folder: Path) -> SerialReplay | FourPipeReplay | HidReplay:
    if key.endswith("usb"):
        return FourPipeReplay(recording, 0x0400, 0xC35A, 7)
    if key.endswith("hid"):
        return HidReplay(recording, 0x1209, 0x0001, prefix=b"\x07", counted=True)
    return SerialReplay(recording, folder)


@pytest.mark.parametrize("key", WIRES)
def test_recorded_masked_and_played_on_the_same_wire(
    session: Session, key: str, tmp_path: Path, plugged_in: contextlib.ExitStack
) -> None:
    driver, simulator, path = session(key)
    real = lay_and_read(driver, simulator)
    assert [card.name for card in real] == [person.name for person in PEOPLE]
    assert_nobody_in(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    player = replayed(key, load(path), tmp_path)
    plugged_in.callback(player.close)
    found = driver_class(key)
    again = found(found.options.model_validate({**player.options, **EVERYTHING}))
    assert isinstance(again, SamVReader)
    plugged_in.callback(again.close)
    assert again.open().serial.startswith("05.03-")
    assert again.read() is None
    for card in real:
        masked = again.read()
        assert masked is not None
        assert masked.document is card.document
        assert masked.name.startswith("已遮盖")
        assert (len(masked.photo), len(masked.fingerprints)) == (1024, len(card.fingerprints))
        assert bool(masked.appended_address) == bool(card.appended_address)
    assert player.finished
    player.check()


def test_without_the_mask_everybody_would_be_in_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """That nobody was found has to be worth something."""
    monkeypatch.setattr(SamVReader, "masks", PLAIN)
    driver, simulator, path = session("id_reader/sam-v-serial")
    lay_and_read(driver, simulator)
    data = bytes_in(path)
    for card in PEOPLE:
        found = [secret in data for secret in secrets_of(card)]
        assert sum(found) > 0.9 * len(found) > 90  # a long name stands in two places
    with pytest.raises(AssertionError):
        assert_nobody_in(path)


def test_a_recording_of_usb_plays_on_a_serial_line(
    session: Session, tmp_path: Path, plugged_in: contextlib.ExitStack
) -> None:
    driver, simulator, path = session("id_reader/sam-v-usb")
    lay_and_read(driver, simulator)
    player = SerialReplay(load(path), tmp_path)
    plugged_in.callback(player.close)
    found = driver_class("id_reader/sam-v-serial")
    again = found(found.options.model_validate({**player.options, **EVERYTHING}))
    plugged_in.callback(again.close)
    again.open()
    assert isinstance(again, SamVReader)
    assert again.read() is None
    assert again.read() is not None


@pytest.mark.parametrize("how", Garble)
@pytest.mark.parametrize("key", WIRES)
def test_nobody_in_a_recording_of_spoilt_answers(
    session: Session, key: str, how: Garble, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, simulator, path = session(key)
    monkeypatch.setattr("drivers.id_reader.sam_v_reader.READ_WITH_FINGERPRINTS_S", 0.3)
    driver.open()
    for person in PEOPLE[:2]:
        simulator.lay(person)
        read = simulator._read_text

        def spoilt(read: Callable[..., bytes] = read, **asked: bool) -> bytes:
            simulator.garble(how)
            return read(**asked)

        monkeypatch.setattr(simulator, "_read_text", spoilt)
        with contextlib.suppress(BadFrame):
            driver.read()
        with contextlib.suppress(BadFrame):
            driver.read()
    driver.close()
    assert len(bytes_in(path)) > 1000
    assert_nobody_in(path)


def test_the_rest_of_an_answer_that_came_too_late_is_hidden(session: Session) -> None:
    driver, simulator, path = session("id_reader/sam-v-serial")
    driver.open()
    answer = reply(text_record(PEOPLE[0]))
    simulator.say(answer[:150])
    time.sleep(0.05)
    driver.probe()  # drains the first half
    simulator.say(answer[150:])
    time.sleep(0.05)
    with contextlib.suppress(BadFrame):
        driver.probe()
    driver.close()
    assert b"*" * 100 in bytes_in(path)
    assert_nobody_in(path)


@given(st.lists(st.integers(1, 2500), max_size=6), st.binary(max_size=30), st.sampled_from(PEOPLE))
def test_the_mask_cut_anywhere(cuts: list[int], noise: bytes, card: SimulatedCard) -> None:
    """However the bytes arrive, the same is written, as much as came, and a driver can read it."""
    if sam_v.PREAMBLE[:1] in noise:
        noise = noise.replace(sam_v.PREAMBLE[:1], b"")
    whole = noise + reply(text_record(card)) + bytes.fromhex("AAAAAA9669000400009094")
    masked, waiting, at = b"", b"", 0
    for cut in [*sorted(cuts), len(whole)]:
        waiting += whole[at:cut]
        at = max(at, min(cut, len(whole)))
        part = sam_v_mask.mask_replies(waiting)
        masked, waiting = masked + part, waiting[len(part) :]
    assert masked == sam_v_mask.mask_replies(whole)
    assert len(masked) == len(whole)
    found = sam_v.find_reply(masked)
    assert found is not None
    assert sam_v.card(*sam_v.text_and_photo(found.data)).name.startswith("已遮盖")


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_masked_no_longer_than_they_are(data: bytes, framed: bool) -> None:
    data = sam_v.PREAMBLE + data if framed else data
    assert len(sam_v_mask.mask_replies(data)) <= len(data)


def test_a_wrong_check_byte_stays_wrong() -> None:
    spoilt = bytearray(reply(text_record(PEOPLE[0])))
    spoilt[-1] ^= 1
    with pytest.raises(BadFrame):
        sam_v.find_reply(sam_v_mask.mask_replies(bytes(spoilt)))


def test_what_is_kept_of_each_driver() -> None:
    assert masks_of(driver_class("id_reader/sam-v-usb")) is sam_v_mask.MASKS
    assert masks_of(Gy614) is PLAIN
    assert masks_of(driver_class("printer/escpos-tcp")) == Masks(sent=hidden, received=plain)
    assert masks_of(driver_class("code_scanner/gm65")) is HIDDEN
    assert (plain(b"ab"), hidden(b"ab")) == (b"ab", b"**")


# ---------------------------------------------------------------------------------------------------------------
# The recorder, on wires of all kinds


def test_other_wires_are_recorded_with_their_timing(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    simulator = start("thermometer/gy-614", tmp_path)
    plugged_in.callback(simulator.close)
    path = tmp_path / "wire.jsonl"
    driver = make(Gy614, Gy614Options.model_validate({**simulator.options, "record": str(path)}))
    plugged_in.callback(driver.close)
    driver.open()
    driver.close()
    driver.open()
    driver.close()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"recording": 1, "driver": "thermometer/gy-614"}
    assert [line["line"] for line in lines if "line" in line] == ["opened", "closed"] * 2
    times = [line["t"] for line in lines[1:]]
    assert times == sorted(times)
    assert times[0] >= 0
    recording = load(path)
    received = b"".join(step.data for step in recording.steps if step.way is Way.RECEIVED)
    assert b"\x5a\x5a\x45" in received  # the published head of its answers, in clear

    player = SerialReplay(recording, tmp_path)
    plugged_in.callback(player.close)
    again = Gy614(Gy614Options.model_validate(dict(player.options)))
    plugged_in.callback(again.close)
    again.open()


def test_tcp_and_what_comes_by_itself(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    recording = Recording(
        "thermometer/gy-614",
        (
            Step(2, 0.0, Way.RECEIVED, b"hello"),
            Step(3, 0.01, Way.SENT, b"who?"),
            Step(4, 0.02, Way.RECEIVED, b"me"),
            Step(5, 0.03, Way.RECEIVED, b", and nobody else"),
            Step(6, 0.04, Way.SENT, b"bye"),
        ),
    )
    path = tmp_path / "wire.jsonl"
    player = TcpReplay(recording, pace=1.0)
    plugged_in.callback(player.close)
    with recorder.recording(Recorder(path, recording.driver, PLAIN)):
        line = TcpLine("127.0.0.1", int(str(player.options["port"])))
    unrecorded = TcpLine("127.0.0.1", 1)
    assert unrecorded._recorder is None
    plugged_in.callback(line.close)
    soon = time.monotonic() + 20
    line.open(soon)
    while not player._host:
        time.sleep(0.01)
        assert time.monotonic() < soon
    player.play()
    assert line.read_exactly(5, soon) == b"hello"
    line.write(b"wh", soon)
    line.write(b"o?", soon)
    assert line.read_exactly(19, soon) == b"me, and nobody else"
    line.write(b"bye", soon)
    while not player.finished:
        time.sleep(0.01)
        assert time.monotonic() < soon
    line.close()
    told = load(path).steps
    for way in Way:
        assert b"".join(step.data for step in told if step.way is way) == b"".join(
            step.data for step in recording.steps if step.way is way
        )


def finish(check: Callable[[], None], deadline: float) -> str:
    while time.monotonic() < deadline:
        try:
            check()
        except Differs as difference:
            return str(difference)
        time.sleep(0.01)
    raise AssertionError("nothing differed")


def test_a_driver_that_says_something_else_is_told_where(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    steps = (
        Step(2, 0.0, Way.SENT, sam_v.request(sam_v.STATUS)),
        Step(3, 0.0, Way.RECEIVED, bytes.fromhex("AAAAAA9669000400009094")),
        Step(4, 0.0, Way.SENT, sam_v.request(sam_v.FIND)),
    )
    player = SerialReplay(Recording("id_reader/sam-v-serial", steps), tmp_path)
    plugged_in.callback(player.close)
    with pytest.raises(Differs, match="line 2: the driver stopped"):
        player.check()
    found = driver_class("id_reader/sam-v-serial")
    driver = found(found.options.model_validate(dict(player.options)))
    plugged_in.callback(driver.close)
    with pytest.raises(NoAnswer):
        driver.open()  # asks for the module's number after its status
    assert not player.finished
    assert finish(player.check, time.monotonic() + 20).startswith("line 4: the driver says ")
    driver.close()


def test_a_driver_that_says_more_than_was_recorded(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    player = SerialReplay(Recording("id_reader/sam-v-serial", ()), tmp_path)
    plugged_in.callback(player.close)
    player.heard(b"more")
    with pytest.raises(Differs, match="the recording is over"):
        player.check()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "is empty"),
        ("no json\n", "line 1"),
        ('{"t": 0, "sent": "00"}\n', "line 1: does not say"),
        ('{"recording": 2, "driver": "x/y"}\n', "line 1: is not"),
        ('{"recording": 1, "driver": "x/y"}\n{"t": 0, "sent": "0"}\n', "line 2"),
        ('{"recording": 1, "driver": "x/y"}\n{"t": 0, "line": "bent"}\n', "line 2"),
        ('{"recording": 1, "driver": "x/y"}\n[]\n', "line 2"),
        ('{"recording": 1, "driver": "x/y"}\n{"recording": 1, "driver": "x/z"}\n', "line 2: another driver"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotARecording, match=where):
        load(path)


def test_a_power_cut_while_recording(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text('{"recording": 1, "driver": "x/y"}\n{"t": 0, "sent": "00"}\n{"t": 1, "se', encoding="utf-8")
    assert [step.data for step in load(path).steps] == [b"\0"]


def test_a_file_that_cannot_be_made_is_said_when_the_line_is_opened(
    tmp_path: Path, plugged_in: contextlib.ExitStack
) -> None:
    simulator: Simulator = start("thermometer/gy-614", tmp_path)
    plugged_in.callback(simulator.close)
    driver: Driver = make(
        Gy614, Gy614Options.model_validate({**simulator.options, "record": str(tmp_path / "no" / "wire.jsonl")})
    )
    plugged_in.callback(driver.close)
    with pytest.raises(DeviceFault) as caught:
        driver.open()
    assert (caught.value.fault, caught.value.remedy) == ("cannot_record", Remedy.TECHNICIAN)


def test_a_file_that_cannot_be_made_leaves_the_reader_free(session: Session) -> None:
    driver, simulator, path = session("id_reader/sam-v-usb")
    path.mkdir()
    with pytest.raises(DeviceFault):
        driver.open()
    assert not driver._line.is_open
    path.rmdir()
    driver.open()
    driver.probe()
    assert simulator.plugged


@pytest.mark.parametrize("key", [*WIRES, "thermometer/gy-614"])
def test_a_device_that_is_away_leaves_no_lines(key: str, tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    """It is looked for again and again."""
    simulator = start(key, tmp_path)
    plugged_in.callback(simulator.close)
    path = tmp_path / "wire.jsonl"
    found = driver_class(key)
    driver = make(found, found.options.model_validate({**simulator.options, "record": str(path)}))
    plugged_in.callback(driver.close)
    simulator.unplug()
    for _ in range(3):
        with pytest.raises(NotPresent):
            driver.open()
        driver.close()
    assert not path.exists()
    simulator.replug()
    driver.open()
    driver.close()
    assert load(path).driver == key


def test_a_full_disk_ends_the_recording_and_nothing_else(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, simulator, path = session("id_reader/sam-v-usb")
    driver.open()
    size = path.stat().st_size

    def full(fd: int, data: bytes) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("drivers.transport.recorder.os.write", full)
    simulator.lay(PEOPLE[0])
    assert driver.read() is not None
    monkeypatch.undo()
    driver.probe()
    assert path.stat().st_size == size


def test_a_recording_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.transport.recorder.MOST_BYTES", 300)
    tape = Recorder(tmp_path / "wire.jsonl", "x/y", PLAIN)
    tape.opened()
    for _ in range(50):
        tape.sent(b"0123456789")
    tape.closed()
    assert (tmp_path / "wire.jsonl").stat().st_size <= 300


def test_closed_from_another_thread_while_recording(session: Session) -> None:
    driver, simulator, path = session("id_reader/sam-v-hid")
    driver.open()
    driver.close()
    with pytest.raises(LinkError):
        driver.probe()
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["line"] == "closed"
    assert simulator.plugged
