"""What a recording keeps of a SAM_V reader's wire: every frame, its status and its sizes, and no person.

A text record is replaced by that of a card that names itself masked, of the same kind, so that the recording replays.
Whatever is no frame is hidden: it could be the rest of one.
"""

from typing import Final

from drivers.id_reader.sam_v import (
    ADDRESS_SIZE,
    FOR_EVER,
    FOUND,
    LAYOUTS,
    LONGEST,
    OK,
    PHOTO_SIZE,
    PREAMBLE,
    SHORTEST,
    TEXT_SIZE,
    TYPE_FLAG,
    check_byte,
)
from drivers.masks import Masks, hidden, plain

_NAME: Final = "已遮盖"
_ADDRESS: Final = "录音中已遮盖"
_NUMBERS: Final = {
    "": "110101199003070011",
    "J": "810000199003070015",
    "I": "XXX110090030701",
    "Y": "911101199003070011",
}
_UNKNOWN_FLAG: Final = "?"
_PHOTO_HEADER: Final = bytes.fromhex("574C66007E0032000000FF85")
_SIZES: Final = bytes.fromhex("01000400")
"""The sizes of text and photo, as every read reply begins."""
_MODULE_ID_SIZE: Final = 16


def _field(text: str, size: int) -> bytes:
    return text[: size // 2].ljust(size // 2).encode("utf-16-le")


def _text(record: bytes) -> bytes:
    """The record of a masked card of the same kind, as far as the kind is known."""
    flag = record[TYPE_FLAG[0] : sum(TYPE_FLAG)].decode("utf-16-le", "replace").strip(" \0")
    layout = LAYOUTS.get(flag)
    masked = bytearray(_field("", TEXT_SIZE))

    def put(where: tuple[int, int] | None, value: str) -> None:
        if where is not None:
            masked[where[0] : sum(where)] = _field(value, where[1])

    if layout is None:
        put(TYPE_FLAG, _UNKNOWN_FLAG)
        return bytes(masked)
    put(layout.names[0][0], _NAME)
    put(layout.sex, "9")
    put(layout.nation, "97")
    put(layout.birth, "19900307")
    put(layout.address, _ADDRESS)
    put(layout.number, _NUMBERS[flag])
    put(layout.issuer, _NAME)
    put(layout.valid_from, "20150101")
    put(layout.valid_to, FOR_EVER)
    put(layout.nationality, "XXX")
    put(TYPE_FLAG, flag)
    return bytes(masked)


def _data(status: int, data: bytes) -> bytes:
    """What stands for the data of a reply."""
    if status == FOUND or len(data) == 8:
        return bytes(len(data))  # IIN and serial number of the card: zeros, as in the published frames
    if len(data) == _MODULE_ID_SIZE:
        return data
    if len(data) == ADDRESS_SIZE:
        return _field(_ADDRESS, ADDRESS_SIZE)
    header = 4 if len(data) == 4 + TEXT_SIZE + PHOTO_SIZE else 6
    photo = header + TEXT_SIZE
    fingerprints = photo + PHOTO_SIZE
    if data.startswith(_SIZES) and len(data) >= fingerprints:
        head = data[:4] + (len(data) - fingerprints).to_bytes(2, "big")[: header - 4]
        masked_photo = _PHOTO_HEADER + hidden(data[photo + len(_PHOTO_HEADER) : fingerprints])
        return head + _text(data[header:photo]) + masked_photo + hidden(data[fingerprints:])
    return hidden(data)


def _frame(frame: bytes) -> bytes:
    """One whole reply, masked, with a check byte that is right where the old one was and wrong where it was wrong."""
    start = len(PREAMBLE)
    body, check = frame[start:-1], frame[-1]
    status, data = body[4], body[5:]
    masked = body[:5] + (_data(status, data) if status in {OK, FOUND} else hidden(data))
    right = check_byte(masked)
    return frame[:start] + masked + bytes([right if check_byte(body) == check else right ^ 0xFF])


def mask_replies(data: bytes) -> bytes:
    """Mask what comes from a reader. See `drivers.masks.Mask`."""
    masked = b""
    while len(masked) < len(data):
        at = len(masked)
        start = data.find(PREAMBLE, at)
        if start < 0:
            # the end may be the beginning of a preamble
            kept = next((size for size in range(len(PREAMBLE) - 1, 0, -1) if data.endswith(PREAMBLE[:size])), 0)
            return masked + hidden(data[at : max(at, len(data) - kept)])
        masked += hidden(data[at:start])
        header_end = start + len(PREAMBLE) + 2
        if len(data) < header_end:
            return masked
        length = int.from_bytes(data[header_end - 2 : header_end], "big")
        if not SHORTEST <= length <= LONGEST:
            masked += hidden(data[start : start + 1])
            continue
        end = header_end + length
        if len(data) < end:
            return masked
        masked += _frame(data[start:end])
    return masked


MASKS: Final = Masks(sent=plain, received=mask_replies)
"""Requests carry commands and nothing else."""
