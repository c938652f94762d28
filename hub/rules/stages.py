"""Rolling out in steps: which edition a terminal gets, and the way back.

An edition reaches named terminals and groups first, then a share of the hall's terminals, then all. The same
terminals are always the first. Rolling back publishes the content from before as a new edition: a terminal takes no
older one, so that nobody can play back an old signature to it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from hub.fleet.live import TerminalKey
from hub.rules.publish import CATALOGUE, RULES, NotPublishable, newest, publish
from hub.store import schema
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Rules
from kiosk.wire.site import KIND as SITE

EVERYBODY = 100


@dataclass(frozen=True, slots=True)
class Stage:
    """How far an edition is rolled out."""

    kind: str
    hall: str
    version: int
    share: int
    """Percent of the hall's terminals; 100 is all."""
    names: tuple[str, ...]
    """Terminals and groups that get it whatever the share is."""
    origin: int | None
    """Of a roll-back: the version whose content it repeats."""
    made: datetime
    halted: bool = False
    """Nobody begins with it any more; who has it goes on."""
    halted_why: str = ""
    """Kept when it was resumed: somebody knows of that."""


def stages(connection: Connection, kind: str, hall: str) -> list[Stage]:
    """All editions of a kind for a hall, the newest first."""
    table, to = schema.published, schema.published_to
    names: dict[int, list[str]] = {}
    for row in connection.execute(select(to).where(to.c.kind == kind, to.c.hall == hall).order_by(to.c.name)):
        names.setdefault(row.version, []).append(row.name)
    return [
        Stage(
            kind,
            hall,
            row.version,
            row.share,
            tuple(names.get(row.version, ())),
            row.origin,
            row.made,
            row.halted,
            row.halted_why,
        )
        for row in connection.execute(
            select(table.c.version, table.c.share, table.c.origin, table.c.made, table.c.halted, table.c.halted_why)
            .where(table.c.kind == kind, table.c.hall == hall)
            .order_by(table.c.version.desc())
        )
    ]


def _rank(hall: str, terminal: str) -> str:
    return hashlib.sha256(f"{hall}/{terminal}".encode()).hexdigest()


def reached(connection: Connection, stage: Stage) -> list[str]:
    """The terminals that an edition has reached, by name."""
    table = schema.terminal
    terminals = [
        (row.terminal, row.group_name)
        for row in connection.execute(
            select(table.c.terminal, table.c.group_name).where(table.c.hall == stage.hall).order_by(table.c.terminal)
        )
    ]
    return reached_of(stage, terminals)


def reached_of(stage: Stage, terminals: Sequence[tuple[str, str]]) -> list[str]:
    """The terminals that an edition has reached, of all of a hall: their names and groups."""
    first = sorted(terminals, key=lambda each: _rank(stage.hall, each[0]))
    several = -(-len(terminals) * stage.share // 100)  # rounded up: a share is at least one terminal
    by_share = {terminal for terminal, _ in first[:several]}
    return [
        terminal
        for terminal, group in terminals
        if terminal in by_share or terminal in stage.names or (group and group in stage.names)
    ]


def stage_for(connection: Connection, kind: str, key: TerminalKey) -> Stage | None:
    """The newest edition that has reached a terminal and is not halted; None before the first."""
    known = (stage for stage in stages(connection, kind, key.hall) if not stage.halted)
    return next((s for s in known if s.share >= EVERYBODY or key.terminal in reached(connection, s)), None)


def in_force(connection: Connection, kind: str, key: TerminalKey) -> Signed | None:
    """The edition that a terminal gets: the newest that has reached it. None before the first.

    A terminal that holds a newer one, which was halted since, keeps it: it takes no older one.

    Args:
        connection: For reading.
        kind: `rules`, `catalogue`, `staff`, …
        key: Which terminal.
    """
    stage = stage_for(connection, kind, key)
    return None if stage is None else edition(connection, kind, key.hall, stage.version)


def edition(connection: Connection, kind: str, hall: str, version: int) -> Signed | None:
    """One edition, as it was signed."""
    table = schema.published
    row = connection.execute(
        select(table.c.body, table.c.signature).where(
            table.c.kind == kind, table.c.hall == hall, table.c.version == version
        )
    ).one_or_none()
    if row is None:
        return None
    return Signed(kind=kind, version=version, body=row.body.encode(), signature=bytes.fromhex(row.signature))


def set_stage(
    connection: Connection, kind: str, hall: str, *, share: int, names: Sequence[str] = (), narrow: bool = False
) -> Stage:
    """Roll the newest edition out to more terminals.

    Args:
        connection: Inside a writing transaction.
        kind: Of what.
        hall: Which.
        share: Percent of the hall's terminals, 0 to 100.
        names: Terminals and groups besides; they are added to those named before.
        narrow: The edition is new: nobody has it yet, and the share may be any.

    Raises:
        NotPublishable: Nothing is published, nobody of that name, or the share shrinks: a terminal that has an edition
            takes no older one, `roll_back` is the way.
    """
    known = stages(connection, kind, hall)
    if not known:
        raise NotPublishable(f"no {kind} are published for {hall}")
    stage = known[0]
    if stage.halted:
        raise NotPublishable(
            f"{kind} {stage.version} is halted ({stage.halted_why}): see why it failed, then resume it or roll back"
        )
    if not 0 <= share <= EVERYBODY:
        raise NotPublishable(f"a share is 0 to 100 percent, not {share}")
    if not narrow and share < stage.share:
        raise NotPublishable(
            f"version {stage.version} has reached {stage.share} %, and no terminal goes back by itself: roll back"
        )
    table = schema.terminal
    rows = connection.execute(select(table.c.terminal, table.c.group_name).where(table.c.hall == hall)).all()
    there = {row.terminal for row in rows} | {row.group_name for row in rows if row.group_name}
    if unknown := sorted(set(names) - there):
        raise NotPublishable(f"{hall} has no terminal or group {', '.join(unknown)}")
    published, to = schema.published, schema.published_to
    connection.execute(
        update(published)
        .where(published.c.kind == kind, published.c.hall == hall, published.c.version == stage.version)
        .values(share=share)
    )
    wanted = tuple(sorted({*stage.names, *names}))
    connection.execute(delete(to).where(to.c.kind == kind, to.c.hall == hall, to.c.version == stage.version))
    if wanted:
        connection.execute(
            insert(to), [{"kind": kind, "hall": hall, "version": stage.version, "name": name} for name in wanted]
        )
    return stages(connection, kind, hall)[0]


def halt(connection: Connection, kind: str, hall: str, why: str) -> Stage | None:
    """Let nobody begin with the newest edition any more.

    Args:
        connection: Inside a writing transaction.
        kind: Of what.
        hall: Which.
        why: For people, at most 200 characters of it are kept.

    Returns:
        What was halted; None where there is nothing, or it is halted already.
    """
    known = stages(connection, kind, hall)
    if not known or known[0].halted:
        return None
    _mark(connection, known[0], halted=True, why=why)
    return stages(connection, kind, hall)[0]


def resume(connection: Connection, kind: str, hall: str) -> Stage:
    """Go on rolling out what was halted, as far as it had come.

    Raises:
        NotPublishable: nothing is halted.
    """
    known = stages(connection, kind, hall)
    if not known or not known[0].halted:
        raise NotPublishable(f"no {kind} are halted in {hall}")
    _mark(connection, known[0], halted=False, why=known[0].halted_why)  # for that it is not halted again by itself
    return stages(connection, kind, hall)[0]


def note_why(connection: Connection, stage: Stage, why: str) -> None:
    """Keep with an edition what was known when somebody resumed it; at most 200 characters."""
    _mark(connection, stage, halted=stage.halted, why=why)


def _mark(connection: Connection, stage: Stage, *, halted: bool, why: str) -> None:
    table = schema.published
    connection.execute(
        update(table)
        .where(table.c.kind == stage.kind, table.c.hall == stage.hall, table.c.version == stage.version)
        .values(halted=halted, halted_why=why[:200])
    )


def _again(kind: str, body: bytes, version: int, now: datetime) -> bytes:
    """The content of an edition from before, as another version."""
    if kind == RULES:
        rules = msgspec.json.decode(body, type=Rules)
        return msgspec.json.encode(msgspec.structs.replace(rules, version=version, valid_from=now))
    if kind == CATALOGUE:
        return msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(body, type=Catalogue), version=version))
    if kind == SITE:
        return body
    raise NotPublishable(f"{kind} cannot be rolled back: publish the right ones")


def roll_back(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime, kind: str = RULES) -> Signed:
    """Put what was in force before the newest in force again, everywhere, as a new version.

    From before: the newest version that had reached everybody before this one, and was not halted.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: Which.
        now: The time; rules are valid from it.
        kind: Rules, the catalogue, or the settings of terminals.

    Raises:
        NotPublishable: There is nothing from before.
    """
    known = stages(connection, kind, hall)
    newest_content = (known[0].origin or known[0].version) if known else 0  # going back twice goes back further
    whole = (stage for stage in known if stage.share >= EVERYBODY and not stage.halted)
    before = next((stage for stage in whole if stage.version < newest_content), None)
    old = None if before is None else edition(connection, kind, hall, before.version)
    current = newest(connection, kind, hall)
    if old is None or current is None:
        raise NotPublishable(f"{hall} has no {kind} from before")
    version = current.version + 1
    signed = publish(connection, key, kind, hall, _again(kind, old.body, version, now), version, now)
    table = schema.published
    connection.execute(
        update(table)
        .where(table.c.kind == kind, table.c.hall == hall, table.c.version == version)
        .values(origin=old.version)
    )
    return signed


def set_group(connection: Connection, hall: str, terminal: str, group: str) -> bool:
    """Put a terminal into a group for rolling out; empty for none. False where there is no such terminal."""
    table = schema.terminal
    changed = connection.execute(
        update(table).where(table.c.hall == hall, table.c.terminal == terminal).values(group_name=group)
    )
    return changed.rowcount == 1
