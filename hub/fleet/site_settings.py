"""Settings of a hall's terminals: texts for everybody, for groups and for single ones, signed together as an edition.

One edition says all of a hall, so that one version tells how a terminal is set up; it is rolled out in steps, halted
and taken back as rules are (`hub.rules.stages`).
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from hub.rules.publish import NotPublishable, newest, publish
from hub.rules.stages import EVERYBODY, Stage, edition, set_stage, stages
from hub.store import schema
from kiosk.wire.fleet import Signed
from kiosk.wire.site import KIND, BadSettings, SiteEdition, parse, settings_for


class Scope(StrEnum):
    """For whom a text is."""

    EVERYBODY = "everybody"
    GROUP = "group"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Place:
    """For whom: all of a hall, or a group or terminal by its name."""

    scope: Scope
    name: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An edition and how far it is rolled out."""

    stage: Stage
    edition: SiteEdition


def latest(connection: Connection, hall: str) -> SiteEdition:
    """The newest settings of a hall; empty before the first."""
    signed = newest(connection, KIND, hall)
    return SiteEdition() if signed is None else msgspec.json.decode(signed.body, type=SiteEdition)


def of_version(connection: Connection, hall: str, version: int) -> SiteEdition:
    """The settings of an edition; empty where there is none such."""
    signed = edition(connection, KIND, hall, version)
    return SiteEdition() if signed is None else msgspec.json.decode(signed.body, type=SiteEdition)


def text_of(settings: SiteEdition, place: Place) -> str:
    """The text for somebody."""
    if place.scope is Scope.EVERYBODY:
        return settings.everybody
    texts = settings.groups if place.scope is Scope.GROUP else settings.terminals
    return texts.get(place.name, "")


def groups_of(connection: Connection, hall: str) -> dict[str, str]:
    """The group of each terminal that is in one."""
    table = schema.terminal
    rows = connection.execute(select(table.c.terminal, table.c.group_name).where(table.c.hall == hall))
    return {row.terminal: row.group_name for row in rows if row.group_name}


def _members(connection: Connection, hall: str, groups: Mapping[str, str]) -> dict[str, str]:
    return {terminal: group for terminal, group in sorted(groups_of(connection, hall).items()) if group in groups}


def tidy(text: str) -> str:
    """A text as it is kept: with the line ends of the hub's own, and nothing before or after it."""
    text = text.replace("\r\n", "\n").strip("\n")
    return f"{text}\n" if text else ""


def with_text(settings: SiteEdition, place: Place, text: str) -> SiteEdition:
    """Settings with another text for somebody; an empty one takes theirs away."""
    if place.scope is Scope.EVERYBODY:
        return msgspec.structs.replace(settings, everybody=text)
    if place.scope is Scope.GROUP:
        return msgspec.structs.replace(settings, groups=_put(settings.groups, place.name, text))
    return msgspec.structs.replace(settings, terminals=_put(settings.terminals, place.name, text))


def _put(texts: Mapping[str, str], name: str, text: str) -> dict[str, str]:
    return {**{key: value for key, value in texts.items() if key != name}, **({name: text} if text.strip() else {})}


def put(
    connection: Connection,
    key: Ed25519PrivateKey,
    hall: str,
    place: Place,
    text: str,
    now: datetime,
    *,
    share: int = EVERYBODY,
    names: Sequence[str] = (),
) -> Signed | None:
    """Publish a text for somebody as the hall's next edition of settings, unless it says so already.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: Which.
        place: For whom.
        text: TOML as in the site file; empty for none any more.
        now: The time.
        share: Percent of the hall's terminals that begin with it.
        names: Terminals and groups that begin with it whatever the share is.

    Raises:
        BadSettings: The text is wrong; names each line.
        NotPublishable: There is nobody of that name, or see `set_stage`.
    """
    text = tidy(text)
    parse(text)
    _check_place(connection, hall, place)
    before = latest(connection, hall)
    made = with_text(before, place, text)
    made = msgspec.structs.replace(made, members=_members(connection, hall, made.groups))
    if made == before:
        return None
    return _publish(connection, key, hall, made, now, share=share, names=names)


def _check_place(connection: Connection, hall: str, place: Place) -> None:
    table = schema.terminal
    if place.scope is Scope.EVERYBODY:
        return
    column = table.c.terminal if place.scope is Scope.TERMINAL else table.c.group_name
    mine = select(table.c.terminal).where(table.c.hall == hall, column == place.name).limit(1)
    if not place.name or connection.scalar(mine) is None:
        raise NotPublishable(f"{hall} has no {place.scope.value} {place.name!r}")


def _publish(
    connection: Connection,
    key: Ed25519PrivateKey,
    hall: str,
    settings: SiteEdition,
    now: datetime,
    *,
    share: int,
    names: Sequence[str],
) -> Signed:
    last = newest(connection, KIND, hall)
    version = 1 if last is None else last.version + 1
    signed = publish(connection, key, KIND, hall, msgspec.json.encode(settings), version, now)
    set_stage(connection, KIND, hall, share=share, names=names, narrow=True)
    return signed


def follow_groups(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> Signed | None:
    """Publish the settings again where a terminal has changed its group, and a group has settings of its own.

    How far the newest was rolled out stays; what is halted stays as it is until somebody has seen to it.
    """
    known = stages(connection, KIND, hall)
    if not known or known[0].halted:
        return None
    before = latest(connection, hall)
    members = _members(connection, hall, before.groups)
    if members == before.members:
        return None
    made = msgspec.structs.replace(before, members=members)
    return _publish(connection, key, hall, made, now, share=known[0].share, names=known[0].names)


def standings(connection: Connection, hall: str, most: int = 20) -> list[Standing]:
    """The editions of a hall's settings, the newest first."""
    return [
        Standing(stage, of_version(connection, hall, stage.version)) for stage in stages(connection, KIND, hall)[:most]
    ]


_HEADS = frozenset({"---", "+++"})


def difference(before: SiteEdition, after: SiteEdition) -> list[tuple[str, list[str]]]:
    """What one edition says otherwise than another: for whom, and the lines, `+` and `-` before what came and went."""
    places = [Place(Scope.EVERYBODY)]
    places += [Place(Scope.GROUP, name) for name in sorted({*before.groups, *after.groups})]
    places += [Place(Scope.TERMINAL, name) for name in sorted({*before.terminals, *after.terminals})]
    found = []
    for place in places:
        first, second = (text_of(each, place).splitlines() for each in (before, after))
        lines = [line for line in difflib.unified_diff(first, second, n=1, lineterm="") if line[:3] not in _HEADS]
        lines = ["…" if line.startswith("@@") else line for line in lines][1:]  # the first of them says nothing
        if lines:
            found.append((f"{place.scope.value} {place.name}".strip(), lines))
    moved = sorted(
        name for name in {*before.members, *after.members} if before.members.get(name) != after.members.get(name)
    )
    if moved:
        found.append(
            ("members", [f"  {name}: {before.members.get(name, '')} → {after.members.get(name, '')}" for name in moved])
        )
    return found


def shown_for(settings: SiteEdition, terminal: str) -> dict[str, str]:
    """What an edition sets for a terminal, key by key, for people.

    Args:
        settings: Of a hall.
        terminal: Its name.

    Returns:
        Nothing where a text cannot be used, which the terminal tells itself.
    """
    try:
        tree = settings_for(settings, terminal)
    except BadSettings:
        return {}
    return dict(_flat(tree))


def _flat(tree: Mapping[str, object], above: str = "") -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found += _flat(value, f"{above}{key}.")
        else:
            found.append((f"{above}{key}", str(value)))
    return found
