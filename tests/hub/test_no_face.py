"""The hub has no place for a picture of a face: not in its schema, not in any field it takes."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from sqlalchemy import CheckConstraint, Integer, String, Text

from hub.store import schema
from hub.store.schema import UtcMoment
from kiosk.wire.events import Content, Envelope, Fate
from kiosk.wire.fleet import Health, Signed

Running = Any
Sender = Any

WIDE_COLUMNS = {
    # JSON of an `Envelope`, decoded into its closed struct before; all of its strings are bounded (below).
    "event.body",
    # Rules and the catalogue, written by the hub itself; no terminal can put anything there.
    "published.body",
    # JSON of a `Health`, a closed struct too; all of its strings are bounded (below).
    "terminal_seen.body",
}


def picture(side: int = 96) -> bytes:
    """A JPEG of noise, about as large as a face's."""
    import io

    out = io.BytesIO()
    Image.frombytes("L", (side, side), os.urandom(side * side)).save(out, "JPEG", quality=30)
    return out.getvalue()


def test_no_column_could_hold_a_picture() -> None:
    wide = set()
    for table in schema.metadata.sorted_tables:
        for column in table.columns:
            kind = column.type
            if isinstance(kind, Text):
                wide.add(f"{table.name}.{column.name}")
            elif isinstance(kind, String):
                assert kind.length is not None, column
                assert kind.length <= 1000, column
            else:
                name = type(kind).__name__
                assert isinstance(kind, Integer | UtcMoment) or name in {"Boolean", "Date"}, f"{column}: {name}"
    assert wide == WIDE_COLUMNS
    bounds = [str(each.sqltext) for each in schema.event.constraints if isinstance(each, CheckConstraint)]
    assert any("length(body)" in bound for bound in bounds)


def strings_in(described: Any, path: str, seen: set[Any]) -> list[tuple[str, Any]]:
    """Every text or bytes field a type can carry, with its description."""
    found = []
    info = msgspec.inspect
    if isinstance(described, info.StrType | info.BytesType):
        found.append((path, described))
    elif isinstance(described, info.StructType):
        assert described.forbid_unknown_fields, path
        if described.cls not in seen:
            seen = seen | {described.cls}
            for each in described.fields:
                found += strings_in(each.type, f"{path}.{each.encode_name}", seen)
    elif isinstance(described, info.UnionType):
        for each in described.types:
            found += strings_in(each, path, seen)
    elif isinstance(described, info.VarTupleType | info.ListType):
        assert described.max_length is not None or path.endswith(".reasons"), f"{path} may be endless"
        found += strings_in(described.item_type, f"{path}[]", seen)
    elif isinstance(described, info.DictType):
        assert described.max_length is not None, f"{path} may be endless"
        found += strings_in(described.key_type, f"{path}.key", seen)
        found += strings_in(described.value_type, f"{path}.value", seen)
    return found


@pytest.mark.parametrize("kind", [Envelope, Content, Health])
def test_every_text_of_the_wire_is_bounded(kind: Any) -> None:
    fields = strings_in(msgspec.inspect.type_info(kind), kind.__name__, set())
    assert len(fields) > 5
    for path, described in fields:
        bounded = described.max_length is not None or getattr(described, "pattern", None) is not None
        assert bounded, f"{path} has no bound"
        if described.max_length is not None and not path.endswith("_sealed"):
            assert described.max_length <= 500, path


def spoil(body: bytes, path: str, value: object) -> bytes:
    tree = json.loads(body)
    *way, last = path.split(".")
    at = tree
    for step in way:
        at = at[step]
    at[last] = value
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    "path",
    [
        "picture",
        "event.picture",
        "event.face",
        "event.name_masked",
        "event.lane",
        "event.person_sealed",
        "event.evidence.face.picture",
        "event.evidence.face.template",
        "event.evidence.face.engine",
        "event.evidence.face.model",
        "event.evidence.identity.photo",
        "event.evidence.identity.device",
        "event.decision.picture",
    ],
)
def test_a_picture_in_any_field_of_a_passage_is_refused(running: Running, terminal: Sender, path: str) -> None:
    text = base64.b64encode(picture()).decode()
    body = spoil(terminal.encode(terminal.passage()), path, text)
    (answer,) = terminal.post_bodies(body)
    assert answer.fate is Fate.REFUSED
    assert text[:40] not in answer.detail
    nowhere_in(running.data.path, text)


def nowhere_in(folder: Path, text: str) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            assert text[200:264].encode() not in file.read_bytes(), file


def sealed_cases(terminal: Sender) -> dict[str, bytes]:
    photo = base64.b64encode(picture(64)).decode()
    person = msgspec.to_builtins(terminal.person())
    return {
        "the picture itself": terminal.seal(msgspec.Raw(b'"' + photo.encode() + b'"')),
        "raw bytes": __import__("kiosk.wire.sealing", fromlist=["seal"]).seal(
            picture(64), terminal.enrolled.hub_recipient
        ),
        "an extra field": terminal.seal({**person, "photo": photo}),
        "in the name": terminal.seal({**person, "name": photo}),
        "in the address": terminal.seal({**person, "address": photo}),
        "not sealed": json.dumps({**person, "photo": photo}).encode(),
    }


@pytest.mark.parametrize(
    "case",
    ["the picture itself", "raw bytes", "an extra field", "in the name", "in the address", "not sealed"],
)
def test_a_picture_inside_the_sealed_person_is_refused(terminal: Sender, case: str) -> None:
    sealed = sealed_cases(terminal)[case]
    assert len(sealed) < 16 * 1024  # it would fit by size
    (answer,) = terminal.send(terminal.passage(person_sealed=sealed))
    assert answer.fate is Fate.REFUSED
    (control,) = terminal.send(terminal.passage())
    assert control.fate is Fate.STORED


def test_a_picture_inside_the_sealed_content_is_refused(terminal: Sender) -> None:
    photo = base64.b64encode(picture(64)).decode()
    person = msgspec.to_builtins(terminal.person())
    pieces = {f"k{place}": photo[start : start + 400] for place, start in enumerate(range(0, len(photo), 400))}
    for answers in ({"reason": photo}, pieces):
        sealed = terminal.seal({"person": person, "answers": answers})
        (answer,) = terminal.send(terminal.submission(content_sealed=sealed))
        assert answer.fate is Fate.REFUSED
        assert photo[:40] not in answer.detail
    sealed = terminal.seal({"person": person, "answers": {"reason": "卡片遗失"}, "photo": photo})
    assert terminal.send(terminal.submission(content_sealed=sealed))[0].fate is Fate.REFUSED


def test_sealed_to_another_key_is_refused(terminal: Sender) -> None:
    from kiosk.wire.sealing import new_identity, seal

    sealed = seal(msgspec.json.encode(terminal.person()), new_identity()[1])
    assert terminal.send(terminal.passage(person_sealed=sealed))[0].fate is Fate.REFUSED


def test_personal_content_lies_sealed_in_the_database(running: Running, terminal: Sender) -> None:
    assert terminal.send(terminal.passage())[0].fate is Fate.STORED
    for file in running.data.path.glob("hub.db*"):
        content = file.read_bytes()
        assert "王小明".encode() not in content
        assert b"110101199003070011" not in content
        assert "朝阳大街".encode() not in content


def test_signed_bodies_come_from_the_hub_only() -> None:
    from hub.api import terminals

    takes_signed = [
        route.path
        for route in terminals._terminals.routes
        if "/signed" in route.path and not route.methods <= {"GET", "HEAD"}
    ]
    assert takes_signed == []
    assert Signed.__struct_config__.forbid_unknown_fields
