"""What is wrong with a catalogue: file, place and reason, all of it at once."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        file: relative to the catalogue's folder.
        place: inside it, e.g. `papers[1].title`; empty is the whole.
        reason: what is wrong and what would be right.
    """

    file: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place or 'the whole'}: {self.reason}"


class Unsound(Exception):
    """The catalogue cannot be published."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def path(parts: Sequence[str | int]) -> str:
    """A place in a file as one writes it."""
    written = ""
    for part in parts:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else part
    return written


def read_json(file: Path, name: str) -> object:
    """Read a JSON file; a key given twice is a fault, not the last one's win.

    Raises:
        Unsound: it is not there, no UTF-8, no JSON.
    """

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in found]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise Unsound([Fault(name, "", f"given twice in one place: {', '.join(sorted(twice))}")])
        return dict(found)

    try:
        return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=pairs)
    except OSError as error:
        raise Unsound([Fault(name, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise Unsound([Fault(name, "", "is not UTF-8; save it as UTF-8")]) from error
    except json.JSONDecodeError as error:
        raise Unsound([Fault(name, f"line {error.lineno}, column {error.colno}", f"no JSON: {error.msg}")]) from error


def shape(kind: type) -> dict[str, object]:
    """The JSON Schema of a file's shape."""
    return msgspec.json.schema(kind, schema_hook=lambda _: {"description": "JSON"})


def shape_faults(content: object, kind: type, name: str) -> list[Fault]:
    """Everything in a file that has not the shape of `kind`."""
    validator = Draft202012Validator(shape(kind))
    return [_fault(error, name) for error in validator.iter_errors(content)]


def _fault(error: ValidationError, name: str) -> Fault:
    # Of several shapes that would do, the closest one tells what is missing.
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    reason = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return Fault(name, path(list(error.absolute_path)), reason)
