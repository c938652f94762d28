"""Finding any change of the audit, or of what it binds: `python -m hub audit verify`.

The chain shows a row that was changed, taken out or put in. A tail that was cut off, head and all, is shown by what
does not fit it any more: submissions that are farther than their last row, and the anchors, signed heads that are
written to `audit.anchors` in the data folder each minute, of which a copy can be kept elsewhere.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Engine, Row, select

from hub.audit.chain import FIRST, Actor, Who, content_digest, row_hash
from hub.files import sync_folder
from hub.store import schema

ANCHORS: Final = "audit.anchors"
_DOMAIN: Final = b"kiosk-audit-anchor-1\0"
_AT_ONCE: Final = 2000
_READ: Final = "open"
"""Is written with where the reader saw it: somebody else may have gone on in the meantime."""


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the chain at a moment, signed with the hub's key."""

    position: int
    hash: str
    at: datetime
    signature: bytes = b""

    def message(self) -> bytes:
        """What is signed."""
        return _DOMAIN + msgspec.json.encode((self.position, self.hash, self.at))


@dataclass(frozen=True, slots=True)
class Found:
    """What the verification found.

    Attributes:
        rows: How many rows it read.
        head: Hash of the last.
        anchors: How many anchors fit.
        problems: What does not fit, in words with its place; empty when nothing was changed.
    """

    rows: int
    head: str
    anchors: int
    problems: tuple[str, ...]


def anchor(engine: Engine, folder: Path, key: Ed25519PrivateKey, now: datetime) -> Anchor | None:
    """Write the head of the chain down outside of the database, if it has moved; durable when this returns.

    Args:
        engine: The database.
        folder: The data folder.
        key: The hub's signing key.
        now: The time.
    """
    with engine.connect() as connection:
        head = connection.execute(select(schema.audit_head)).one_or_none()
    if head is None or head.position == 0:
        return None
    file = folder / ANCHORS
    last = next(reversed(list(_lines(file))), None)
    if last is not None and last.position == head.position:
        return None
    unsigned = Anchor(position=head.position, hash=head.hash, at=now)
    signed = msgspec.structs.replace(unsigned, signature=key.sign(unsigned.message()))
    with file.open("a+b") as stream:
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(msgspec.json.encode(signed) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(folder)
    return signed


def _lines(file: Path) -> Iterator[Anchor]:
    try:
        whole, _, _ = file.read_bytes().rpartition(b"\n")  # after a power cut the last may be half of one
    except FileNotFoundError:
        return
    for line in whole.splitlines():
        try:
            yield msgspec.json.decode(line, type=Anchor)
        except msgspec.DecodeError:
            yield Anchor(position=0, hash="damaged", at=datetime.min.replace(tzinfo=UTC))


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    table, after = schema.audit, 0
    while rows := connection.execute(
        select(table).where(table.c.position > after).order_by(table.c.position).limit(_AT_ONCE)
    ).all():
        yield from rows
        after = rows[-1].position


def verify(connection: Connection, anchors: Path | None = None, public: bytes = b"", most: int = 20) -> Found:
    """Read the whole audit and all that it binds.

    Args:
        connection: For reading.
        anchors: A file of anchors; None for none.
        public: The hub's signing key, 32 raw bytes.
        most: Problems to name.
    """
    problems: list[str] = []
    known = {each.position: each for each in _lines(anchors)} if anchors is not None else {}
    problems += _anchor_signatures(known, public)
    before, position, fitting = FIRST, 0, 0
    last: dict[str, tuple[str, int]] = {}
    bound: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        for row in _rows(connection):
            problems += _chain_problem(row, position, before)
            position, before = row.position, row.hash
            if row.standing and row.what != _READ:  # a row without a standing is about it, and moves nothing
                last[row.subject] = (row.standing, row.version)
            _bind(bound, row)
            if position in known:
                held = known.pop(position)
                if held.hash == row.hash:
                    fitting += 1
                else:
                    problems.append(f"row {position} is not what was anchored at {held.at.isoformat()}")
            if len(problems) >= most:
                break
    except (msgspec.DecodeError, ValueError, KeyError, TypeError) as error:
        problems.append(f"after row {position}: a row cannot be read ({type(error).__name__})")
    if len(problems) < most:
        problems += [f"row {each} was anchored and is not there" for each in sorted(known)]
        head = connection.execute(select(schema.audit_head)).one_or_none()
        if (position, before) != (0, FIRST) and (head is None or (head.position, head.hash) != (position, before)):
            problems.append(f"the head is not the last row, {position}")
        problems += _subject_problems(connection, last, bound)
    return Found(position, before, fitting, tuple(problems[:most]))


def _anchor_signatures(known: dict[int, Anchor], public: bytes) -> list[str]:
    problems = []
    for each in known.values():
        try:
            if public:
                Ed25519PublicKey.from_public_bytes(public).verify(each.signature, each.message())
        except (InvalidSignature, ValueError):
            problems.append(f"the anchor of row {each.position} is not signed by this hub")
    return problems


def _chain_problem(row: Row[Any], position: int, before: str) -> list[str]:
    if row.position != position + 1:
        return [f"between row {position} and row {row.position} something was taken out"]
    if row.before != before:
        return [f"row {row.position} does not follow row {position}"]
    who = Who(Actor(row.actor), row.hall, row.who)
    expected = row_hash(
        row.position, row.at, who, row.what, row.subject, row.standing, row.version, row.detail, row.before
    )
    return [] if expected == row.hash else [f"row {row.position} was changed"]


def _bind(bound: dict[tuple[str, str], dict[str, Any]], row: Row[Any]) -> None:
    if row.what in {"return", "reply"}:
        bound[row.subject, row.what] = msgspec.json.decode(row.detail)
    elif row.what in {"grant", "refuse", "reject", "extend"}:
        bound[row.subject, "reason"] = msgspec.json.decode(row.detail)
    elif row.what == "lapse":
        bound.pop((row.subject, "reason"), None)
    elif row.what == "emptied":
        bound[row.subject, row.what] = {}
    elif row.what == "note":
        detail = msgspec.json.decode(row.detail, type=dict[str, Any])
        if "note" in detail:  # the first ones had their words in the row itself
            bound.setdefault((row.subject, "note"), {})[str(detail["note"])] = detail["words"]
    elif row.what == "upload":
        detail = msgspec.json.decode(row.detail, type=dict[str, Any])
        bound.setdefault((row.subject, "upload"), {})[str(detail["place"])] = (detail["sha256"], detail["title"])


def _subject_problems(
    connection: Connection, last: dict[str, tuple[str, int]], bound: dict[tuple[str, str], dict[str, Any]]
) -> Iterator[str]:
    handling = schema.handling
    for row in connection.execute(
        select(handling.c.number, handling.c.standing, handling.c.version, handling.c.reason)
    ):
        if last.get(row.number) != (row.standing, row.version):
            yield f"submission {row.number} is not where its last row left it"
        reason = bound.get((row.number, "reason"))
        gone = (row.number, "emptied") in bound and not row.reason
        if reason is not None and not gone and reason["reason"] != content_digest(row.reason):
            yield f"the reason of submission {row.number} was changed"
    for number in connection.scalars(
        select(schema.submission.c.number)
        .outerjoin(handling, handling.c.number == schema.submission.c.number)
        .where(handling.c.number.is_(None))
    ):
        yield f"submission {number} is in nobody's hands"
    yield from _list_problems(connection, bound)


def _list_problems(connection: Connection, bound: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    asked, result, opinion = schema.asked, schema.result, schema.opinion
    lines: dict[str, list[tuple[str, str, str]]] = {}
    for row in connection.execute(select(asked).where(asked.c.promised.is_(False)).order_by(asked.c.place)):
        lines.setdefault(row.number, []).append((row.part, row.key, row.words))
    returned = {subject: detail["asked"] for (subject, what), detail in bound.items() if what == "return"}
    for number in sorted(lines.keys() | returned.keys()):
        gone = (number, "emptied") in bound and not any(words for _, _, words in lines.get(number, []))
        if not gone and returned.get(number) != content_digest(lines.get(number, [])):
            yield f"what was asked for in submission {number} was changed"
    results: dict[str, dict[str, tuple[str, str]]] = {}
    for row in connection.execute(select(result)):
        results.setdefault(row.number, {})[str(row.place)] = (row.sha256, content_digest(row.title))
    uploaded = {subject: detail for (subject, what), detail in bound.items() if what == "upload"}
    for number in sorted(results.keys() | uploaded.keys()):
        gone = (number, "emptied") in bound and number not in results
        if not gone and results.get(number) != uploaded.get(number):
            yield f"the result of submission {number} was changed"
    for row in connection.execute(select(opinion.c.code, opinion.c.reply).where(opinion.c.replied.is_not(None))):
        detail = bound.get((row.code, "reply"))
        gone = (row.code, "emptied") in bound and not row.reply
        if not gone and (detail is None or detail["reply"] != content_digest(row.reply)):
            yield f"the reply to {row.code} was changed"
    yield from _note_problems(connection, bound)


def _note_problems(connection: Connection, bound: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    note = schema.office_note
    words = {(row.number, str(row.place)): row.words for row in connection.execute(select(note))}
    told = {
        (subject, place): digest
        for (subject, what), places in bound.items()
        if what == "note"
        for place, digest in places.items()
    }
    for number, place in sorted(words.keys() | told.keys()):
        text = words.get((number, place))
        gone = (number, "emptied") in bound and text == ""
        if not gone and (text is None or told.get((number, place)) != content_digest(text)):
            yield f"note {place} of submission {number} was changed"
