"""Taking people out of texts: what leaves a terminal in a support bundle must not tell who was there.

A list of what may not appear is never complete. So it is the other way round: a word stays only when this program's own
source or the operating system's messages have it; names of people are in neither. Numbers stay when they are short.
"""

import ast
import errno
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

from kiosk.log import OPEN_FIELDS, scrub

_PACKAGES: Final = ("kiosk", "drivers", "provisioning")
_NAMED: Final = ("demo", "simulate", "__pycache__", "input", "pinyin", "names", "romanise")
"""In the names of folders and files of our own that do hold names of people, or the syllables of them."""
_WORD: Final = re.compile(r"[A-Za-z]{2,}")
_TOKEN: Final = re.compile(
    r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|\d{3})"  # a character written as its number
    r"|(?:%[0-9a-fA-F]{2})+"  # or as in an address
    r"|\d(?:[ -]?\d){4,}"  # a number, also in groups
    r"|[A-Za-z]{2,}|[^\x00-\x7f]+"
)
_EXACT: Final = frozenset(
    {"timestamp", "ms", "seconds", "seq", "count", "bytes", "status", "attempt", "waiting", "dead"}
)
HIDDEN: Final = "[…]"


def _sources(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry) if not entry.name.startswith(_NAMED) else []
        elif entry.name.endswith(".py") and not entry.name.startswith(_NAMED):
            found.append(entry)
    return found


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word of Latin letters in this program's own texts and names and in the system's errors, as written."""
    words: set[str] = set()
    for number in errno.errorcode:
        words.update(_WORD.findall(os.strerror(number)))
    for package in _PACKAGES:
        for source in _sources(files(package)):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                match node:
                    case ast.Constant(value=str(text)):
                        words.update(_WORD.findall(text))
                    case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                        words.update(_WORD.findall(name))
    return frozenset(words)


def plain(text: str) -> str:
    """A text without anything that could tell of a person."""
    known = vocabulary()

    def keep(found: re.Match[str]) -> str:
        token = found[0]
        return token if token.isascii() and token.isalpha() and token in known else HIDDEN

    return _TOKEN.sub(keep, scrub(text))


def _value(name: str, value: object) -> object:
    match value:
        case bool() | None:
            return value
        case int() | float():
            return value if abs(value) < (10**9 if name in _EXACT else 10**5) else HIDDEN
        case str():
            return value if name == "timestamp" and len(value) <= 40 and value[:4].isdigit() else plain(value)
        case Mapping():
            return {plain(str(key)): _value(str(key), inner) for key, inner in value.items()}
        case list() | tuple():
            return [_value(name, inner) for inner in value]
        case _:
            return HIDDEN


def line_without_people(line: str) -> str:
    """One line of a log, as JSON; of fields that nobody has thought about only the name stays.

    A line that is no JSON object comes from another program: it stays as its words.
    """
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain(line)
    if not isinstance(event, dict):
        return msgspec.json.encode(_value("", event)).decode()
    kept = {
        plain(str(name)): _value(str(name), value) if name in OPEN_FIELDS else HIDDEN for name, value in event.items()
    }
    return msgspec.json.encode(kept).decode()
