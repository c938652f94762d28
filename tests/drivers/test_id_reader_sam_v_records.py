"""Read replies of every size, all four layouts against their three published tables, every status code."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame, DeviceFault, DriverError, Remedy
from drivers.id_reader import sam_v
from drivers.kinds import DocumentKind, IdCard

LAYOUTS: dict[str, tuple[tuple[int, int, str], ...]] = {
    # offset, bytes, field: readinfo PCSCGetData.h; afzhan 212938 (I); eastcoms 840 (Y); wtabcd and readinfo (J)
    " ": (
        (0, 30, "name"),
        (30, 2, "sex"),
        (32, 4, "nation"),
        (36, 16, "birth"),
        (52, 70, "address"),
        (122, 36, "number"),
        (158, 30, "issuer"),
        (188, 16, "valid_from"),
        (204, 16, "valid_to"),
    ),
    "J": (
        (0, 30, "name"),
        (30, 2, "sex"),
        (36, 16, "birth"),
        (52, 70, "address"),
        (122, 36, "number"),
        (158, 30, "issuer"),
        (188, 16, "valid_from"),
        (204, 16, "valid_to"),
    ),
    "I": (
        (0, 120, "name"),
        (120, 2, "sex"),
        (122, 30, "number"),
        (152, 6, "nationality"),
        (188, 16, "valid_from"),
        (204, 16, "valid_to"),
        (220, 16, "birth"),
    ),
    "Y": (
        (30, 2, "sex"),
        (36, 16, "birth"),
        (52, 70, "name"),
        (122, 36, "number"),
        (188, 16, "valid_from"),
        (204, 16, "valid_to"),
        (242, 6, "nationality"),
    ),
}
DATES = {"birth": date(1990, 3, 7), "valid_from": date(2015, 1, 1), "valid_to": date(2035, 1, 1)}
KINDS = {
    " ": DocumentKind.RESIDENT,
    "J": DocumentKind.HK_MO_TW,
    "I": DocumentKind.FOREIGNER,
    "Y": DocumentKind.FOREIGNER,
}
STATUS_CODES = [  # devices.md 1.5, from softs.im: SW3, fault, remedy
    (0x10, "line_noise", Remedy.WAIT),
    (0x11, "line_noise", Remedy.WAIT),
    (0x21, "refused", Remedy.TECHNICIAN),
    (0x23, "refused", Remedy.TECHNICIAN),
    (0x24, "refused", Remedy.TECHNICIAN),
    (0x31, "card_rejected", Remedy.ATTENDANT),
    (0x32, "card_rejected", Remedy.ATTENDANT),
    (0x33, "card_rejected", Remedy.ATTENDANT),
    (0x40, "wrong_card", Remedy.WAIT),
    (0x41, "card_moved", Remedy.WAIT),
    (0x47, "card_moved", Remedy.WAIT),
    (0x60, "self_test_failed", Remedy.TECHNICIAN),
    (0x66, "not_authorised", Remedy.TECHNICIAN),
    (0x80, "card_moved", Remedy.WAIT),
    (0x81, "card_moved", Remedy.WAIT),
    (0x91, "not_on_card", Remedy.WAIT),
]


def full(flag: str) -> bytes:
    """A record in which every field is filled to its last character."""
    record = bytearray("×".encode("utf-16-le") * 128)
    record[248:250] = flag.encode("utf-16-le")
    for offset, size, field in LAYOUTS[flag]:
        day = DATES.get(field)
        value = f"{day:%Y%m%d}" if day else filling(field, size)
        record[offset : offset + size] = value.encode("utf-16-le")
    if flag == "Y":
        record[220:242] = ("Z" * 11).encode("utf-16-le")
    return bytes(record)


def filling(field: str, size: int) -> str:
    return (field[0].upper() * (size // 2 - 1)) + "."


@pytest.mark.parametrize("flag", LAYOUTS)
def test_every_field_of_a_full_record(flag: str) -> None:
    card = sam_v.card(full(flag), b"")
    assert card.document is KINDS[flag]
    for _, size, field in LAYOUTS[flag]:
        wanted = DATES.get(field, filling(field, size))
        if (flag, field) == ("Y", "name"):
            wanted = filling(field, size) + "Z" * 11
        assert getattr(card, field) == wanted, field
    filled = {field for _, _, field in LAYOUTS[flag]} | {"document", "photo", "fingerprints", "appended_address"}
    assert all(getattr(card, field) == "" for field in IdCard.__dataclass_fields__ if field not in filled)


@pytest.mark.parametrize("flag", LAYOUTS)
def test_without_end_in_every_layout(flag: str) -> None:
    record = full(flag)
    record = record[:204] + "长期".ljust(8).encode("utf-16-le") + record[220:]
    assert sam_v.card(record, b"").valid_to is None


def test_a_space_at_the_end_of_the_first_part_of_a_name() -> None:
    record = bytearray(full("Y"))
    record[120:122] = " ".encode("utf-16-le")
    assert sam_v.card(bytes(record), b"").name == "N" * 34 + " " + "Z" * 11


def test_the_table_of_status_codes_is_whole() -> None:
    assert sorted(sam_v.FAULTS) == [status for status, _, _ in STATUS_CODES]


@pytest.mark.parametrize(("status", "fault", "remedy"), STATUS_CODES)
def test_status_code(status: int, fault: str, remedy: Remedy) -> None:
    error = sam_v.failure(sam_v.Reply(b"\x6a\x82", status, b""))
    assert isinstance(error, DeviceFault)
    assert (error.fault, error.remedy) == (fault, remedy)
    assert f"6a82 {status:02x}" in error.detail


@pytest.mark.parametrize(
    ("command", "published"),
    [
        (sam_v.READ_WITH_FINGERPRINTS, "AA AA AA 96 69 00 03 30 10 23"),  # qiwenming/IDCardDemo
        (sam_v.READ_NEWEST_ADDRESS, "AA AA AA 96 69 00 03 30 03 30"),  # YinanSoft SerialReader
    ],
)
def test_requests_of_the_longer_reads(command: bytes, published: str) -> None:
    assert sam_v.request(command) == bytes.fromhex(published)


@pytest.mark.parametrize(
    ("header", "size"), [("09 0A", 1024), ("07 0A", 512), ("05 0A", 0)], ids=["two fingers", "one", "none"]
)
def test_a_read_with_fingerprints(header: str, size: int) -> None:
    text, photo, prints = full(" "), bytes(range(256)) * 4, bytes([7]) * size
    body = bytes.fromhex(header) + b"\0\0\x90\1\0\4\0" + size.to_bytes(2, "big") + text + photo + prints
    check = 0
    for byte in body:
        check ^= byte
    frame = bytes.fromhex("AA AA AA 96 69") + body + bytes([check])
    assert len(frame) == {1024: 2321, 512: 1809, 0: 1297}[size]
    reply = sam_v.find_reply(frame)
    assert reply is not None
    assert sam_v.text_photo_and_fingerprints(reply.data) == (text, photo, prints)
    with pytest.raises(BadFrame):
        sam_v.text_photo_and_fingerprints(reply.data[:-1])


@given(st.binary(max_size=1400), st.sampled_from([b"", bytes.fromhex("010004000000"), bytes.fromhex("010004000200")]))
def test_any_read_reply(data: bytes, head: bytes) -> None:
    for parse in (sam_v.text_and_photo, sam_v.text_photo_and_fingerprints, sam_v.newest_address):
        try:
            assert parse(head + data) is not None
        except DriverError:
            continue


def test_the_newest_address() -> None:
    assert sam_v.newest_address("北京市西城区某某路二号".ljust(35).encode("utf-16-le")) == "北京市西城区某某路二号"
    for wrong in (b"", bytes(69), bytes(72), b"\x00\xd8" + bytes(68)):
        with pytest.raises(BadFrame):
            sam_v.newest_address(wrong)
