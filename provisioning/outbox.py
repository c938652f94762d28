"""The outbox in the technician's hands: see what the hub refused, have it sent again, carry it away on a stick.

Nothing is ever deleted here: what leaves the outbox leaves it when the hub has acknowledged it.
"""

import hashlib
import io
import tarfile
from collections.abc import Collection
from pathlib import Path

import msgspec

from kiosk.config import Role, Site
from provisioning.site_text import write_whole
from provisioning.store_file import opened, path_of
from provisioning.talk import CannotDo, Exit


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event that the hub has not acknowledged. Its content stays out of sight."""

    seq: int
    id: str
    kind: str
    made: str
    state: str
    bytes: int
    papers: int
    detail: str = ""
    """Why the hub refused it."""


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """What is going to be sent again."""

    seqs: tuple[int, ...]


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was carried away. It stays in the outbox too: the hub takes an event twice without harm."""

    file: str
    events: int
    papers: int
    sha256: str
    missing_papers: tuple[str, ...] = ()


def listed(site: Site, role: Role, *, dead_only: bool = False) -> tuple[Event, ...]:
    """What waits, in order.

    Raises:
        CannotDo: there is no store.
    """
    with opened(path_of(site, role)) as connection:
        rows = connection.execute(
            "SELECT seq, id, kind, made, state, length(body),"
            " (SELECT count(*) FROM paper WHERE paper.seq = outbox.seq), detail"
            " FROM outbox WHERE state = 'dead' OR ? = 0 ORDER BY seq",
            (int(dead_only),),
        ).fetchall()
    return tuple(
        Event(
            seq=int(row[0]),
            id=str(row[1]),
            kind=str(row[2]),
            made=str(row[3]),
            state=str(row[4]),
            bytes=int(row[5]),
            papers=int(row[6]),
            detail=str(row[7]),
        )
        for row in rows
    )


def retry(site: Site, role: Role, seqs: Collection[int]) -> Retried:
    """Have what the hub refused sent again. The running terminal takes it up by itself.

    Args:
        site: the site file.
        role: whose outbox.
        seqs: which; all refused ones when empty.

    Raises:
        CannotDo: one of them is not a refused event; nothing is changed then.
    """
    with opened(path_of(site, role), write=True) as connection:
        connection.execute("BEGIN IMMEDIATE")
        dead = {int(row[0]) for row in connection.execute("SELECT seq FROM outbox WHERE state = 'dead'").fetchall()}
        chosen = sorted(set(seqs) or dead)
        if unknown := set(chosen) - dead:
            connection.execute("ROLLBACK")
            raise CannotDo(
                Exit.BAD_INPUT,
                f"not refused, so nothing to try again: {', '.join(map(str, sorted(unknown)))}; see outbox list --dead",
            )
        connection.executemany("UPDATE outbox SET state = 'waiting' WHERE seq = ?", [(seq,) for seq in chosen])
        connection.execute("COMMIT")
    return Retried(seqs=tuple(chosen))


def export(site: Site, role: Role, out: Path) -> Exported:
    """Write everything that waits into one file, as it would be sent: personal fields and papers are sealed to the hub.

    Args:
        site: the site file.
        role: whose outbox.
        out: a `.tar`; readable by its owner only.

    Raises:
        CannotDo: there is no store, or the file cannot be written.
    """
    papers = path_of(site, role).parent / "papers"
    with opened(path_of(site, role)) as connection:
        events = connection.execute("SELECT seq, body FROM outbox ORDER BY seq").fetchall()
        names = [str(row[0]) for row in connection.execute("SELECT sha256 FROM paper ORDER BY seq, sha256").fetchall()]
    made = io.BytesIO()
    missing: list[str] = []
    with tarfile.open(fileobj=made, mode="w") as archive:
        _add(archive, "events.jsonl", b"".join(bytes(row[1]) + b"\n" for row in events))
        for name in names:
            file = papers / name
            if file.is_file():
                _add(archive, f"papers/{name}", file.read_bytes())
            else:
                missing.append(name)
    content = made.getvalue()
    write_whole(out, content, 0o600)
    return Exported(
        file=str(out),
        events=len(events),
        papers=len(names) - len(missing),
        sha256=hashlib.sha256(content).hexdigest(),
        missing_papers=tuple(missing),
    )


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))
