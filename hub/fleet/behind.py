"""Which terminals do not hold what is desired of them, and since when; and roll-outs that fail are halted.

Desired comes from the editions and how far they are rolled out, reported from each terminal's own health. Neither is
written over the other: only since when they differ is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select

from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.fleet.seen import Seen
from hub.gently import gently
from hub.rules.publish import RULES
from hub.rules.stages import EVERYBODY, Stage, edition, halt, reached_of
from hub.store import schema
from kiosk.wire.fleet import Health
from kiosk.wire.release import KIND as RELEASE
from kiosk.wire.release import Wanted
from kiosk.wire.site import KIND as SITE

Wants = dict[TerminalKey, dict[str, str]]
"""Kind and version that each terminal is to hold: a number, of a release its name."""
Since = dict[TerminalKey, dict[str, datetime]]
"""Since when each terminal does not hold the newest of a kind."""


def reported_of(health: Health) -> dict[str, str]:
    """What a terminal says it holds, by kind; 0 for none yet. What it does not speak of is not known.

    Args:
        health: its newest; an older release tells of its rules only.
    """
    found: dict[str, str] = {}
    if health.editions is not None:
        found = {kind: str(version) for kind, version in health.editions.items()}
    elif health.role == "gate":
        found[RULES] = str(health.rules_version)
    if health.release is not None and health.release.running:
        found[RELEASE] = health.release.running
    return found


def is_behind(kind: str, desired: str, reported: str) -> bool:
    """Whether what is reported is older than what is desired. Nobody goes back by himself: newer is not behind."""
    if kind == RELEASE:
        return reported != desired
    return desired.isdecimal() and reported.isdecimal() and int(reported) < int(desired)


def _open_stages(connection: Connection) -> Iterator[tuple[str, str, list[Stage]]]:
    """Of each kind and hall: the editions that are not halted, down to the first that is everybody's."""
    table, to = schema.published, schema.published_to
    names: dict[tuple[str, str, int], list[str]] = {}
    for row in connection.execute(select(to)):
        names.setdefault((row.kind, row.hall, row.version), []).append(row.name)
    whole = select(
        *(table.c[name] for name in ("kind", "hall", "version", "share", "origin", "made", "halted", "halted_why"))
    )
    found: dict[tuple[str, str], list[Stage]] = {}
    for row in gently(connection.execute(whole.order_by(table.c.kind, table.c.hall, table.c.version.desc()))):
        known = found.setdefault((row.kind, row.hall), [])
        if row.halted or (known and known[-1].share >= EVERYBODY):
            continue
        to_whom = tuple(names.get((row.kind, row.hall, row.version), ()))
        known.append(
            Stage(row.kind, row.hall, row.version, row.share, to_whom, row.origin, row.made, halted_why=row.halted_why)
        )
    for (kind, hall), known in found.items():
        yield kind, hall, known


def wants(connection: Connection) -> Wants:
    """What is desired of every terminal."""
    table = schema.terminal
    halls: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(select(table.c.hall, table.c.terminal, table.c.group_name).order_by(table.c.terminal))
    for row in gently(rows):
        halls.setdefault(row.hall, []).append((row.terminal, row.group_name))
    found: Wants = {}
    for kind, hall, known in _open_stages(connection):
        left = dict(halls.get(hall, ()))
        for stage in known:
            named = _named(connection, stage) if kind == RELEASE else str(stage.version)
            names = left if stage.share >= EVERYBODY else reached_of(stage, halls.get(hall, ()))
            for terminal in gently([name for name in names if name in left]):
                if named:
                    found.setdefault(TerminalKey(hall, terminal), {})[kind] = named
                del left[terminal]
    return found


def _named(connection: Connection, stage: Stage) -> str:
    """Which release an edition wants; empty where nobody is to begin with it."""
    signed = edition(connection, RELEASE, stage.hall, stage.version)
    if signed is None:
        return ""
    wanted = msgspec.json.decode(signed.body, type=Wanted)
    return "" if wanted.halted else wanted.release


def behind(wanted: Wants, seen: Mapping[TerminalKey, Seen]) -> set[tuple[TerminalKey, str]]:
    """Which terminals do not hold what is desired of them, by kind."""
    found = set()
    for key, each in gently(seen.items()):
        desired, reported = wanted.get(key, {}), reported_of(each.health)
        found |= {(key, k) for k in desired.keys() & reported.keys() if is_behind(k, desired[k], reported[k])}
    return found


def since(connection: Connection, key: TerminalKey | None = None) -> Since:
    """Since when terminals are behind; of one, or of all."""
    table = schema.fleet_behind
    query = select(table)
    if key is not None:
        query = query.where(table.c.hall == key.hall, table.c.terminal == key.terminal)
    found: Since = {}
    for row in connection.execute(query):
        found.setdefault(TerminalKey(row.hall, row.terminal), {})[row.kind] = row.since
    return found


def keep(connection: Connection, found: set[tuple[TerminalKey, str]], now: datetime) -> Since:
    """Keep since when they are behind: who caught up is forgotten, who stays behind keeps the first moment.

    Args:
        connection: Inside a writing transaction.
        found: Of `behind`.
        now: The time.
    """
    table = schema.fleet_behind
    known = since(connection)
    before = {(key, kind) for key, kinds in known.items() for kind in kinds}
    for key, kind in before - found:
        mine = (table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.kind == kind)
        connection.execute(delete(table).where(*mine))
    fresh = [{"hall": key.hall, "terminal": key.terminal, "kind": kind, "since": now} for key, kind in found - before]
    if fresh:
        connection.execute(insert(table), fresh)
    return since(connection)


def failures(connection: Connection, seen: Mapping[TerminalKey, Seen]) -> list[tuple[str, str, str]]:
    """Roll-outs that a terminal could not go along with: kind, hall and why.

    Only what is still being rolled out is halted, and settings of terminals: what everybody has is not taken away
    because of one terminal that is too old for it; it stands in that terminal's alarms.
    """
    refused: dict[tuple[str, str, int], str] = {}
    for key, each in gently(seen.items()):
        for kind, what in each.health.refused.items():
            refused.setdefault((kind, key.hall, what.version), f"{key.terminal}: {what.why}")
    if not refused:
        return []
    found = []
    for kind, hall, known in _open_stages(connection):
        if known and (known[0].share < EVERYBODY or kind == SITE):
            why = refused.get((kind, hall, known[0].version))
            if why is not None and why[:200] != known[0].halted_why:  # resumed: somebody knows of it
                found.append((kind, hall, why))
    return found


def compared(
    connection: Connection, seen: Mapping[TerminalKey, Seen]
) -> tuple[set[tuple[TerminalKey, str]], bool, list[tuple[str, str, str]]]:
    """Who is behind, whether that is news, and which roll-outs failed; in a thread, a city has thousands.

    Args:
        connection: For reading.
        seen: The newest of each terminal.
    """
    found = behind(wants(connection), seen)
    known = {(key, kind) for key, kinds in since(connection).items() for kind in kinds}
    return found, found != known, failures(connection, seen)


def halt_failed(connection: Connection, failed: Sequence[tuple[str, str, str]], now: datetime) -> int:
    """Halt them; how many. Each is in the audit.

    Args:
        connection: Inside a writing transaction.
        failed: Of `failures`.
        now: The time.
    """
    done = 0
    for kind, hall, why in failed:
        stage = halt(connection, kind, hall, why)
        if stage is not None:
            who = Who(Actor.HUB, hall)
            append(connection, who, "rollout_halted", f"{kind} {stage.version}"[:64], now, detail={"why": why[:200]})
            done += 1
    return done
