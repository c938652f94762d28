"""CBOR (RFC 8949), decoded strictly and without interpreting tags.

General decoders turn tags into dates, big numbers, regular expressions or shared references before any signature is
checked; this one hands a tag on as it is. Depth, number of items and lengths are bounded, no key stands twice.
"""

import struct
from dataclasses import dataclass
from typing import Final

MAX_ITEMS: Final = 4096
MAX_DEPTH: Final = 24


class _Break:
    """The end mark of an indefinite length."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """An item with a tag, not interpreted."""

    tag: int
    value: "Item"


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple value without a meaning here, e.g. undefined (23)."""

    number: int


Item = None | bool | int | float | str | bytes | list["Item"] | dict["int | str | bytes", "Item"] | Tagged | Simple


class CborError(ValueError):
    """Not one whole CBOR item within the bounds."""


def decode(data: bytes) -> Item:
    """Decode exactly one item.

    Raises:
        CborError: Damaged, cut short, followed by more, too deep or too many items.
    """
    reader = _Reader(data)
    item = reader.value(0)
    if reader.position != len(data):
        raise CborError("something follows the item")
    return item


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self.position, self._items = data, 0, 0

    def _take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self._data):
            raise CborError("cut short")
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def _number(self, extra: int) -> int:
        """The number in or after the first byte."""
        if extra < 24:
            return extra
        if extra < 28:
            return int.from_bytes(self._take(1 << (extra - 24)))
        raise CborError("a reserved or endless number")

    def _length(self, extra: int) -> int | None:
        """How many follow; None for an indefinite length."""
        return None if extra == 31 else self._number(extra)

    def _item(self, depth: int) -> Item | _Break:
        """One item, or the end mark of an indefinite length."""
        self._items += 1
        if depth > MAX_DEPTH or self._items > MAX_ITEMS:
            raise CborError("too deep or too many items")
        first = self._take(1)[0]
        major, extra = first >> 5, first & 31
        if major == 7:
            return self._simple(extra)
        if major in {2, 3}:
            return self._string(major, self._length(extra))
        if major == 4:
            return self._list(self._length(extra), depth)
        if major == 5:
            return self._map(self._length(extra), depth)
        number = self._number(extra)
        if major == 6:
            return Tagged(number, self.value(depth + 1))
        return number if major == 0 else -1 - number

    def value(self, depth: int) -> Item:
        """One item, which must not be an end mark."""
        value = self._item(depth)
        if isinstance(value, _Break):
            raise CborError("a stray end mark")
        return value

    def _string(self, major: int, length: int | None) -> bytes | str:
        if length is not None:
            return self._text(self._take(length)) if major == 3 else self._take(length)
        pieces: list[bytes] = []
        while (first := self._take(1)[0]) != 0xFF:
            if first >> 5 != major:
                raise CborError("a string of pieces of another kind")
            pieces.append(self._take(self._number(first & 31)))
            if major == 3:
                self._text(pieces[-1])
        whole = b"".join(pieces)
        return self._text(whole) if major == 3 else whole

    @staticmethod
    def _text(data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise CborError("text that is no UTF-8") from error

    def _list(self, length: int | None, depth: int) -> list[Item]:
        items: list[Item] = []
        while length is None or len(items) < length:
            value = self._item(depth + 1)
            if not isinstance(value, _Break):
                items.append(value)
            elif length is None:
                return items
            else:
                raise CborError("a stray end mark")
        return items

    def _map(self, length: int | None, depth: int) -> dict[int | str | bytes, Item]:
        pairs: dict[int | str | bytes, Item] = {}
        count = 0
        while length is None or count < length:
            key = self._item(depth + 1)
            if isinstance(key, _Break) and length is None:
                return pairs
            if not isinstance(key, int | str | bytes) or isinstance(key, bool) or key in pairs:
                raise CborError("a key of an odd type, or twice")
            pairs[key] = self.value(depth + 1)
            count += 1
        return pairs

    def _simple(self, extra: int) -> Item | _Break:
        if extra in {25, 26, 27}:
            size, form = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}[extra]
            return float(struct.unpack(form, self._take(size))[0])
        if extra == 31:
            return _Break()
        if extra < 24:
            known: dict[int, Item] = {20: False, 21: True, 22: None}
            return known.get(extra, Simple(extra))
        if extra == 24 and (number := self._take(1)[0]) >= 32:
            return Simple(number)
        raise CborError("a reserved simple value")
