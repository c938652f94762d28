"""IPP messages as bytes (RFC 8010, encoding; RFC 8011, meaning). Pure functions.

An encoder of our own: `pyipp`, the one that is kept, is asynchronous, and drivers are not; pycups needs a compiler and
libcups. What is used of the format fits one page.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from drivers.errors import BadFrame

Value = int | str | bool | bytes
"""Collections, dates, ranges and resolutions are left as they came, in bytes."""


class Operation(IntEnum):
    """What is asked for (RFC 8011, 5.4.15)."""

    PRINT_JOB = 0x0002
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B


class Section(IntEnum):
    """The groups of attributes (RFC 8010, 3.5.1)."""

    OPERATION = 0x01
    JOB = 0x02
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """How a value is written (RFC 8010, 3.5.2)."""

    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OPEN_COLLECTION = 0x34
    CLOSE_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER = 0x4A


_END: Final = 0x03
_FIRST_VALUE_TAG: Final = 0x10
_WORDS: Final = range(0x41, 0x4A)
_WITH_LANGUAGE: Final = (0x35, 0x36)
_HEAD: Final = struct.Struct(">BBHi")

Attributes = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute to be written. Without a name it goes on with the one before: a member of its collection."""

    name: str
    tag: Tag
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A question or an answer.

    Attributes:
        code: the operation asked for, or the status of the answer.
        number: the same in question and answer.
        groups: section and its attributes, in their order.
        data: the document.
    """

    code: int
    number: int
    groups: tuple[tuple[int, Attributes], ...] = field(default=())
    data: bytes = b""

    def group(self, section: Section) -> Attributes:
        """The first group of a section; empty when there is none."""
        return next((found for number, found in self.groups if number == section), {})


def first(attributes: Attributes, name: str, default: Value) -> Value:
    """The first value of an attribute, if it has one of the same type as `default`."""
    values = attributes.get(name) or (default,)
    return values[0] if type(values[0]) is type(default) else default


def words(attributes: Attributes, name: str) -> tuple[str, ...]:
    """All values of an attribute that are words."""
    return tuple(value for value in attributes.get(name, ()) if isinstance(value, str))


def encode(code: int, number: int, groups: Iterable[tuple[Section, Iterable[Attribute]]], data: bytes = b"") -> bytes:
    """Write a message. The first group has to begin with charset and language."""
    written = bytearray(_HEAD.pack(2, 0, code, number))
    for section, attributes in groups:
        written.append(section)
        for attribute in attributes:
            name = attribute.name.encode("ascii")
            for value in attribute.values:
                content = _content(attribute.tag, value)
                written += struct.pack(">BH", attribute.tag, len(name)) + name
                written += struct.pack(">H", len(content)) + content
                name = b""  # further values have none
    return bytes(written) + bytes((_END,)) + data


def opening() -> tuple[Attribute, Attribute]:
    """What every message begins with."""
    return (
        Attribute("attributes-charset", Tag.CHARSET, ("utf-8",)),
        Attribute("attributes-natural-language", Tag.LANGUAGE, ("en",)),
    )


def decode(message: bytes) -> Message:
    """Read a message.

    Raises:
        BadFrame: it is none, or was cut short.
    """
    try:
        major, _, code, number = _HEAD.unpack_from(message)
        if not 1 <= major <= 2:
            raise BadFrame("no IPP message", message)
        groups, end = _groups(message, _HEAD.size)
    except (struct.error, IndexError) as error:
        raise BadFrame("an IPP message that was cut short", message) from error
    return Message(code, number, groups, message[end:])


def _groups(message: bytes, at: int) -> tuple[tuple[tuple[int, Attributes], ...], int]:
    groups: list[tuple[int, dict[str, list[Value]]]] = []
    name, depth = "", 0
    while (tag := message[at]) != _END:
        at += 1
        if tag < _FIRST_VALUE_TAG:
            groups.append((tag, {}))
            name = ""
            continue
        key, at = _counted(message, at)
        content, at = _counted(message, at)
        if not groups:
            raise BadFrame("an IPP attribute outside a group", message)
        if key and not depth:
            name = key.decode("utf-8", "replace")
        depth += (tag == Tag.OPEN_COLLECTION) - (tag == Tag.CLOSE_COLLECTION)
        if depth < 0 or not name:
            raise BadFrame("an IPP value of no attribute", message)
        if not depth:
            groups[-1][1].setdefault(name, []).append(_value(tag, content, message))
    return tuple(groups), at + 1


def _counted(message: bytes, at: int) -> tuple[bytes, int]:
    (size,) = struct.unpack_from(">H", message, at)
    end = at + 2 + size
    if end > len(message):
        raise BadFrame("an IPP message that was cut short", message)
    return message[at + 2 : end], end


def _value(tag: int, content: bytes, message: bytes) -> Value:
    if tag in {Tag.INTEGER, Tag.ENUM}:
        if len(content) != 4:
            raise BadFrame("an IPP number of another size", message)
        return int.from_bytes(content, "big", signed=True)
    if tag == Tag.BOOLEAN:
        return content != b"\0"
    if tag in _WITH_LANGUAGE:
        _, at = _counted(content, 0)
        return _counted(content, at)[0].decode("utf-8", "replace")
    return content.decode("utf-8", "replace") if tag in _WORDS else content


def _content(tag: Tag, value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes((value,)) if tag is Tag.BOOLEAN else value.to_bytes(4, "big", signed=True)
