"""The SAM_V codec against published byte strings: eastcoms 508, IDCardDemo, yzsam.com, hev-idcard-reader."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame, DeviceFault, DriverError, Remedy
from drivers.id_reader import sam_v
from drivers.kinds import DocumentKind

REQUESTS = {
    sam_v.RESET: "AA AA AA 96 69 00 03 10 FF EC",
    sam_v.STATUS: "AA AA AA 96 69 00 03 11 FF ED",
    sam_v.MODULE_ID: "AA AA AA 96 69 00 03 12 FF EE",
    sam_v.FIND: "AA AA AA 96 69 00 03 20 01 22",
    sam_v.SELECT: "AA AA AA 96 69 00 03 20 02 21",
    sam_v.READ_TEXT_AND_PHOTO: "AA AA AA 96 69 00 03 30 01 32",
    b"\x61\xff\x50": "AA AA AA 96 69 00 04 61 FF 50 CA",
}
REPLIES = {
    "AA AA AA 96 69 00 04 00 00 90 94": (0x90, b""),
    "AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97": (0x9F, bytes(4)),
    "AA AA AA 96 69 00 04 00 00 80 84": (0x80, b""),
    "AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C": (0x90, bytes(8)),
    "AA AA AA 96 69 00 04 00 00 81 85": (0x81, b""),
    "AA AA AA 96 69 00 04 00 00 41 45": (0x41, b""),
}
FIND_OK = bytes.fromhex("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97")


def record(*fields: tuple[int, str], flag: str = " ") -> bytes:
    """A text record written by offset, as the published tables give them."""
    text = bytearray(" ".encode("utf-16-le") * 128)
    for offset, value in (*fields, (248, flag)):
        encoded = value.encode("utf-16-le")
        text[offset : offset + len(encoded)] = encoded
    return bytes(text)


RESIDENT = (
    (0, "张三"),
    (30, "1"),
    (32, "01"),
    (36, "19900307"),
    (52, "北京市东城区某某街一号"),
    (122, "110101199003070011"),
    (158, "北京市公安局东城分局"),
    (188, "20150101"),
    (204, "20350101"),
)


@pytest.mark.parametrize(("command", "published"), REQUESTS.items())
def test_requests_are_the_published_ones(command: bytes, published: str) -> None:
    assert sam_v.request(command) == bytes.fromhex(published)


@pytest.mark.parametrize(("published", "meaning"), REPLIES.items())
def test_published_replies(published: str, meaning: tuple[int, bytes]) -> None:
    reply = sam_v.find_reply(bytes.fromhex(published))
    assert reply is not None
    assert (reply.status, reply.data) == meaning
    assert reply.card_status == b"\0\0"


def test_read_reply_of_1295_bytes() -> None:
    text, photo = record(*RESIDENT), bytes(range(256)) * 4
    body = bytes.fromhex("05 08 00 00 90 01 00 04 00") + text + photo
    check = 0
    for byte in body:
        check ^= byte
    frame = bytes.fromhex("AA AA AA 96 69") + body + bytes([check])
    assert len(frame) == 1295
    reply = sam_v.find_reply(frame)
    assert reply is not None
    assert sam_v.text_and_photo(reply.data) == (text, photo)


@pytest.mark.parametrize("data", [b"", b"\x01\x00\x04\x00", b"\x01\x00\x04\x00" + bytes(1279), bytes(1284)])
def test_read_reply_of_other_lengths(data: bytes) -> None:
    with pytest.raises(BadFrame):
        sam_v.text_and_photo(data)


def test_module_number_as_printed() -> None:
    number = bytes.fromhex("0500 0300 D92A3301 D2029649 01000000")
    assert sam_v.module_id(number) == "05.03-20130521-1234567890-0000000001"
    with pytest.raises(BadFrame):
        sam_v.module_id(number[:-1])


@given(st.binary(max_size=200))
def test_any_bytes_give_a_reply_or_more_wanted_or_a_driver_error(received: bytes) -> None:
    try:
        reply = sam_v.find_reply(received)
    except DriverError:
        return
    assert reply is None or isinstance(reply, sam_v.Reply)


@given(st.binary(min_size=1, max_size=60))
def test_any_bytes_after_a_preamble(rest: bytes) -> None:
    try:
        reply = sam_v.find_reply(sam_v.PREAMBLE + rest)
    except BadFrame:
        return
    assert reply is None or len(reply.data) <= len(rest)


@given(st.binary(max_size=60).filter(lambda garbage: sam_v.PREAMBLE not in garbage + sam_v.PREAMBLE[:-1]))
def test_garbage_before_a_frame_is_skipped(garbage: bytes) -> None:
    reply = sam_v.find_reply(garbage + FIND_OK)
    assert reply is not None
    assert reply.status == sam_v.FOUND


@pytest.mark.parametrize("split", range(len(FIND_OK)))
def test_a_split_frame_wants_more_and_is_then_the_same(split: int) -> None:
    assert sam_v.find_reply(FIND_OK[:split]) is None
    assert sam_v.find_reply(FIND_OK) == sam_v.find_reply(FIND_OK[:split] + FIND_OK[split:])


@pytest.mark.parametrize("at", range(5, len(FIND_OK)))
@pytest.mark.parametrize("change", [0x01, 0x80, 0xFF])
def test_a_changed_byte_is_never_taken(at: int, change: int) -> None:
    spoilt = FIND_OK[:at] + bytes([FIND_OK[at] ^ change]) + FIND_OK[at + 1 :]
    try:
        reply = sam_v.find_reply(spoilt)
    except BadFrame:
        return
    assert reply is None


@pytest.mark.parametrize("length", ["00 00", "00 03", "09 0B", "FF FF"])
def test_a_preamble_with_an_impossible_length_is_garbage(length: str) -> None:
    reply = sam_v.find_reply(sam_v.PREAMBLE + bytes.fromhex(length) + FIND_OK)
    assert reply is not None
    assert reply.status == sam_v.FOUND


@pytest.mark.parametrize(
    ("status", "fault", "remedy"),
    [
        (0x10, "line_noise", Remedy.WAIT),
        (0x11, "line_noise", Remedy.WAIT),
        (0x21, "refused", Remedy.TECHNICIAN),
        (0x31, "card_rejected", Remedy.ATTENDANT),
        (0x32, "card_rejected", Remedy.ATTENDANT),
        (0x33, "card_rejected", Remedy.ATTENDANT),
        (0x40, "wrong_card", Remedy.WAIT),
        (0x41, "card_moved", Remedy.WAIT),
        (0x47, "card_moved", Remedy.WAIT),
        (0x60, "self_test_failed", Remedy.TECHNICIAN),
        (0x66, "not_authorised", Remedy.TECHNICIAN),
        (0x81, "card_moved", Remedy.WAIT),
    ],
)
def test_status_codes(status: int, fault: str, remedy: Remedy) -> None:
    error = sam_v.failure(sam_v.Reply(b"\0\0", status, b""))
    assert isinstance(error, DeviceFault)
    assert (error.fault, error.remedy) == (fault, remedy)


@given(st.integers(0, 255))
def test_every_status_is_some_driver_error(status: int) -> None:
    assert isinstance(sam_v.failure(sam_v.Reply(b"\0\0", status, b"")), DeviceFault | BadFrame)


def test_resident_layout() -> None:
    card = sam_v.card(record(*RESIDENT), b"photo")
    assert card.document is DocumentKind.RESIDENT
    assert (card.name, card.number, card.sex, card.nation) == ("张三", "110101199003070011", "1", "01")
    assert (card.address, card.issuer) == ("北京市东城区某某街一号", "北京市公安局东城分局")
    assert (card.birth, card.valid_from, card.valid_to) == (date(1990, 3, 7), date(2015, 1, 1), date(2035, 1, 1))
    assert card.photo == b"photo"
    assert "张三" not in repr(card)


def test_without_end() -> None:
    assert sam_v.card(record(*RESIDENT[:-1], (204, "长期")), b"").valid_to is None


def test_hong_kong_macau_taiwan_layout() -> None:
    fields = (*RESIDENT[:2], *RESIDENT[3:5], (122, "830000199003070019"), *RESIDENT[6:], (220, "H12345678"))
    card = sam_v.card(record(*fields, flag="J"), b"")
    assert (card.document, card.nation, card.number) == (DocumentKind.HK_MO_TW, "", "830000199003070019")


def test_foreigner_layout_of_2017() -> None:
    fields = ((0, "SMITH, JOHN"), (120, "1"), (122, "USA110090030701"), (152, "USA"), (158, "史密斯"))
    dates = ((188, "20180101"), (204, "20280101"), (220, "19900307"), (240, "1500"))
    card = sam_v.card(record(*fields, *dates, flag="I"), b"")
    assert (card.document, card.name, card.number) == (DocumentKind.FOREIGNER, "SMITH, JOHN", "USA110090030701")
    assert (card.birth, card.valid_to, card.nation) == (date(1990, 3, 7), date(2028, 1, 1), "")


def test_foreigner_layout_of_2023() -> None:
    fields = ((0, "史密斯"), (30, "1"), (36, "19900307"), (52, "A" * 35), (220, "B" * 11), (122, "911101199003070019"))
    card = sam_v.card(record(*fields, (188, "20240101"), (204, "20340101"), (242, "USA"), flag="Y"), b"")
    assert (card.document, card.name, card.number) == (
        DocumentKind.FOREIGNER,
        "A" * 35 + "B" * 11,
        "911101199003070019",
    )


def test_another_type_is_the_wrong_card() -> None:
    with pytest.raises(DeviceFault) as caught:
        sam_v.card(record(*RESIDENT, flag="Q"), b"")
    assert caught.value.fault == "wrong_card"


@pytest.mark.parametrize("birth", ["1990030", "19900231", "        ", "１９９００３０７"])
def test_a_date_that_is_none(birth: str) -> None:
    with pytest.raises(BadFrame) as caught:
        sam_v.card(record(*RESIDENT, (36, birth.ljust(8))), b"")
    assert "张三" not in repr(caught.value)


def test_half_a_surrogate() -> None:
    with pytest.raises(BadFrame):
        sam_v.card(b"\x00\xd8" + record(*RESIDENT)[2:], b"")


@given(st.binary(min_size=256, max_size=256))
def test_any_record_gives_a_card_or_a_driver_error(text: bytes) -> None:
    for flag in (b" \0", b"I\0", b"J\0", b"Y\0"):
        try:
            sam_v.card(text[:248] + flag + text[250:], b"")
        except DriverError:
            continue
