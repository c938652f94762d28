"""Changing a site file without losing what people wrote into it: comments, order and blank lines stay.

Only the shape that this program writes and documents is edited: one table a device, one key a line. The result is read
back and compared with what was meant; a file in another shape is left as it is, and the message says what to write.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from kiosk.config import SiteFileError, read_site
from provisioning.talk import CannotDo, Exit

Value = str | int | float | bool | tuple[float, ...]
Tree = dict[str, object]

_HEADER: Final = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY: Final = re.compile(r"^(\s*)([A-Za-z0-9_-]+)(\s*=\s*)")


def toml(value: Value) -> str:
    """A value as a TOML file has it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}" for c in escaped) + '"'
        case tuple():
            return f"[{', '.join(str(float(one)) for one in value)}]"
        case _:
            return str(value)


@dataclass(frozen=True)
class NewSite:
    """What a site file that does not exist yet needs to say. Names as in `kiosk.config`."""

    hall: str
    hall_name: str
    terminal: str
    hotline: str = ""
    lane: str = ""

    def text(self) -> str:
        """The file without any device."""
        lines = [f"hall = {toml(self.hall)}", f"hall_name = {toml(self.hall_name)}"]
        lines += [f"terminal = {toml(self.terminal)}", f"hotline = {toml(self.hotline)}", 'data = "data"', ""]
        lines += ["[hub]", 'identity = "identity"']
        return "\n".join(lines) + "\n"


def _name(header: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in header.split("."))


def _tables(lines: list[str]) -> list[tuple[tuple[str, ...], int, int]]:
    """Each table's name, the line of its header, and the line after its last."""
    heads = [(number, _name(found[1])) for number, line in enumerate(lines) if (found := _HEADER.match(line))]
    ends = [number for number, _ in (*heads, (len(lines), ()))][1:]
    return [(name, begin, end) for (begin, name), end in zip(heads, ends, strict=True)]


def _with_keys(lines: list[str], wanted: Mapping[str, Value], *, drop_others: bool) -> list[str]:
    """The lines of one table, header first, with these keys; comments stay."""
    left = dict(wanted)
    made: list[str] = []
    for line in lines:
        found = _KEY.match(line)
        if found is None:
            made.append(line)
        elif found[2] in left:
            value = left.pop(found[2])
            comment = _comment(line[found.end() :])
            made.append(f"{found[1]}{found[2]}{found[3]}{toml(value)}{comment}")
        elif not drop_others:
            made.append(line)
    end = len(made)
    while end > 1 and not made[end - 1].strip():
        end -= 1
    return [*made[:end], *(f"{key} = {toml(value)}" for key, value in left.items()), *made[end:]]


def _comment(rest: str) -> str:
    """The comment behind a value, with the white space before it."""
    quote = ""
    for at, character in enumerate(rest):
        if quote:
            quote = "" if character == quote and rest[at - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return rest[len(rest[:at].rstrip()) :]
    return ""


def _parsed(text: str, what: str) -> Tree:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{what} is not TOML: {error}; mend it by hand first") from error


def _changed(before: Tree, name: tuple[str, ...], wanted: Mapping[str, Value], *, drop_others: bool) -> Tree:
    """What the file should say afterwards."""
    after = deepcopy(before)
    here: Tree = after
    for part in name:
        below = here.setdefault(part, {})
        if not isinstance(below, dict):
            raise CannotDo(Exit.BAD_INPUT, f"{'.'.join(name)}: {part} is a value, not a table; mend it by hand first")
        here = cast("Tree", below)
    if drop_others:
        here.clear()
    here.update({key: list(value) if isinstance(value, tuple) else value for key, value in wanted.items()})
    return after


def with_table(text: str, name: tuple[str, ...], wanted: Mapping[str, Value], *, drop_others: bool = False) -> str:
    """The text with these keys in this table.

    Args:
        text: of the file.
        name: of the table, e.g. `("gate", "devices", "camera")`.
        wanted: keys and values.
        drop_others: keys of the table that are not among them go; otherwise they stay.

    Raises:
        CannotDo: the text is not TOML, or in a shape that is not edited here.
    """
    before = _parsed(text, "the site file")
    after = _changed(before, name, wanted, drop_others=drop_others)
    if after == before:
        return text
    lines = text.rstrip("\n").split("\n")  # of all that looks like the end of a line only this is one in TOML
    spans = {table: (begin, end) for table, begin, end in _tables(lines)}
    if name in spans:
        begin, end = spans[name]
        lines[begin:end] = _with_keys(lines[begin:end], wanted, drop_others=drop_others)
        if drop_others:
            inner = [(begin, end) for table, begin, end in _tables(lines) if table[: len(name)] == name != table]
            for begin, end in reversed(inner):
                del lines[begin:end]
    else:
        lines += ["", f"[{'.'.join(name)}]", *(f"{key} = {toml(value)}" for key, value in wanted.items())]
    made = "\n".join(lines) + "\n"
    try:
        agrees = tomllib.loads(made) == after
    except tomllib.TOMLDecodeError:
        agrees = False
    if not agrees:
        wish = "; ".join(f"{key} = {toml(value)}" for key, value in wanted.items())
        raise CannotDo(
            Exit.BAD_INPUT,
            f"the site file is in a shape that is not edited here: write into [{'.'.join(name)}]: {wish}",
        )
    return made


def table_of(text: str, name: tuple[str, ...]) -> Tree | None:
    """A table of a site file; None where there is none.

    Raises:
        CannotDo: the text is not TOML.
    """
    here: object = _parsed(text, "the site file")
    for part in name:
        here = here.get(part) if isinstance(here, dict) else None
    return cast("Tree", here) if isinstance(here, dict) else None


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is either the old one or the new one, whole, whatever happens meanwhile.

    Raises:
        CannotDo: the folder does not take it.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CannotDo(Exit.NOT_NOW, f"{path} cannot be written: {error.strerror}; nothing was changed") from error


def read_text(path: Path) -> str:
    """The text of a site file.

    Raises:
        CannotDo: it is not there or not readable.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{path}: is not UTF-8 (byte {error.start})") from error


def keep(path: Path, text: str) -> tuple[str, ...]:
    """Write a site file, if it differs from what is there.

    Args:
        path: the file.
        text: what it is to say.

    Returns:
        What is still missing before a terminal can run with it, one line each.
    """
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text.encode(), mode)
    try:
        read_site(path)
    except SiteFileError as error:
        return error.problems
    return ()
