"""Settings of terminals that the hub signs: TOML as in the site file, for a hall, its groups and single terminals.

What belongs to the machine stays in its own site file and wins: who it is, where its devices are plugged, what was
calibrated, where secrets lie. Everything else that is said here takes the place of what the file says.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Annotated, Final, cast

import msgspec
from pydantic import ValidationError

from kiosk.wire.evidence import Name, Wire
from kiosk.wire.site_tables import SiteTables, known_keys, line_of, say

KIND: Final = "site"
"""Kind of the signed edition (`kiosk.wire.fleet.Signed`) whose body is a `SiteEdition`."""
MOST_TEXT: Final = 20_000
"""Characters of one text."""
Text = Annotated[str, msgspec.Meta(max_length=MOST_TEXT)]
Tree = dict[str, object]

LOCAL: Final = frozenset(
    {
        ("hall",),
        ("terminal",),
        ("data",),
        ("view_socket",),
        ("hub",),
        ("panel",),
        ("help", "sound"),
        ("vision", "library"),
        ("vision", "liveness_v2"),
        ("vision", "liveness_v2_sha256"),
        ("vision", "liveness_v1se"),
        ("vision", "liveness_v1se_sha256"),
        ("gate", "health_service", "secret_file"),
        ("gate", "health_service", "ca_file"),
    }
)
"""Of this machine; said by its own site file only."""
LOCAL_OPTIONS: Final = frozenset(
    {"address", "device", "host", "path", "pid", "port", "record", "serial", "server", "socket", "url", "user", "vid"}
)
"""The same, of a device: where it is plugged or reached."""
_SECRET: Final = re.compile(r"password|secret|token|(^|_)key$|sha256")
"""Options that never travel: a device's password stays on its machine, as does what a certificate is pinned by."""
_DRIVER: Final = re.compile(r"[a-z_]+/[a-z0-9-]+")
_LINE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_FILLED: Final[Mapping[str, object]] = {"hall": "x", "hall_name": "x", "terminal": "x"}


class SiteEdition(Wire, frozen=True, kw_only=True):
    """The settings of a hall's terminals. Each terminal takes the hall's, then its group's, then its own."""

    everybody: Text = ""
    groups: Annotated[dict[Name, Text], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=dict)
    terminals: Annotated[dict[Name, Text], msgspec.Meta(max_length=2000)] = msgspec.field(default_factory=dict)
    members: Annotated[dict[Name, Name], msgspec.Meta(max_length=10_000)] = msgspec.field(default_factory=dict)
    """Terminal and group, of those groups that have settings of their own."""


class BadSettings(Exception):
    """A text cannot be used.

    Attributes:
        problems: line, key and what is wrong, of each mistake.
    """

    def __init__(self, problems: tuple[tuple[int, str, str], ...]) -> None:
        super().__init__("; ".join(f"line {line}: {key}: {what}" if key else what for line, key, what in problems))
        self.problems = problems


def _is_device(place: tuple[str, ...]) -> bool:
    return len(place) > 3 and place[1] == "devices"


def is_local(place: tuple[str, ...]) -> bool:
    """Whether a key belongs to the machine.

    Args:
        place: keys from the outermost table.
    """
    if _is_device(place):
        return place[3] in LOCAL_OPTIONS or _SECRET.search(place[3]) is not None
    return any(place[: len(local)] == local for local in LOCAL)


def _leaves(tree: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in tree.items():
        place = (*above, key)
        if isinstance(value, dict) and value:
            yield from _leaves(value, place)
        else:
            yield place, value


def parse(text: str) -> Tree:
    """The tables of a text.

    Raises:
        BadSettings: it is no TOML, or says what it must not; names each line.
    """
    if len(text) > MOST_TEXT:
        raise BadSettings(((1, "", f"at most {MOST_TEXT} characters, these are {len(text)}"),))
    try:
        tree: Tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise BadSettings(((line, "", f"line {line}: is not TOML: {error}"),)) from error
    problems = [
        (line_of(text, place), ".".join(place), what)
        for place, value in _leaves(tree)
        if (what := _wrong(place, value))
    ]
    problems += _mistakes(text, tree)
    if problems:
        raise BadSettings(tuple(sorted(problems)))
    return tree


def _wrong(place: tuple[str, ...], value: object) -> str:
    """What must not be said here of one key; empty where it may."""
    if _is_device(place) and _SECRET.search(place[3]):
        return "a secret never travels: it stands in the terminal's own site file"
    if is_local(place):
        return "belongs to the machine: it stands in the terminal's own site file"
    if _is_device(place) and place[3] == "driver" and not (isinstance(value, str) and _DRIVER.fullmatch(value)):
        return 'write driver = "KIND/MODEL", e.g. "printer/escpos-usb"'
    return ""


def _mistakes(text: str, tree: Tree) -> Iterator[tuple[int, str, str]]:
    """What the site file's own schema says against it. What is missing here stands in the terminal's file."""
    try:
        SiteTables.model_validate({**_FILLED, **tree})
    except ValidationError as error:
        for one in error.errors():
            place = tuple(str(part) for part in one["loc"])
            if one["type"] != "missing":
                yield (
                    line_of(text, place),
                    ".".join(place),
                    say(one["type"], one["msg"], place, known_keys(SiteTables, place)),
                )


def _laid(below: Tree, above: Mapping[str, object]) -> Tree:
    """One tree upon another."""
    made = dict(below)
    for key, value in above.items():
        before = made.get(key)
        made[key] = (
            _laid(cast("Tree", before), value) if isinstance(value, dict) and isinstance(before, dict) else value
        )
    return made


def settings_for(edition: SiteEdition, terminal: str) -> Tree:
    """What an edition sets for a terminal: the hall's settings, its group's upon them, its own upon those.

    Args:
        edition: the hall's.
        terminal: its name at the hub.

    Raises:
        BadSettings: one of the texts cannot be used.
    """
    group = edition.members.get(terminal, "")
    made: Tree = {}
    for text in (edition.everybody, edition.groups.get(group, ""), edition.terminals.get(terminal, "")):
        made = _laid(made, parse(text))
    return made


def merged(local: Mapping[str, object], settings: Mapping[str, object]) -> Tree:
    """A machine's own site file with the hub's settings.

    Settings of a role or a device that the machine does not have are left out.

    Args:
        local: the site file's tables.
        settings: of `settings_for`.
    """
    made = deepcopy(dict(local))
    for role in ("gate", "desk"):
        settings = {key: value for key, value in settings.items() if key != role or role in local}
    for key, value in settings.items():
        mine = made.get(key)
        if key in {"gate", "desk"} and isinstance(value, dict) and isinstance(mine, dict):
            made[key] = _role(cast("Tree", mine), value)
        elif isinstance(value, dict) and isinstance(mine, dict):
            made[key] = _laid(cast("Tree", mine), value)
        else:
            made[key] = value
    return made


def _role(mine: Tree, settings: Tree) -> Tree:
    """A role's table with settings; devices each by itself."""
    given, here = settings.get("devices"), mine.get("devices")
    made = _laid(mine, {key: value for key, value in settings.items() if key != "devices"})
    if not isinstance(given, dict) or not isinstance(here, dict):
        return made
    devices: Tree = dict(here)
    for name, table in given.items():
        before = devices.get(name)
        if not isinstance(before, dict) or not isinstance(table, dict):
            continue
        if table.get("driver", before.get("driver")) != before.get("driver"):  # another model has other options
            kept = {key: value for key, value in before.items() if is_local(("", "devices", name, key))}
            devices[name] = {**kept, **table}
        else:
            devices[name] = {**before, **table}
    return {**made, "devices": devices}


def changed_devices(before: Mapping[str, object], after: Mapping[str, object], role: str) -> frozenset[str]:
    """Names of a role's devices that are set up otherwise in one tree than in the other."""
    first, second = (_devices_of(tree, role) for tree in (before, after))
    return frozenset(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _devices_of(tree: Mapping[str, object], role: str) -> Tree:
    table = tree.get(role)
    devices = table.get("devices") if isinstance(table, dict) else None
    return devices if isinstance(devices, dict) else {}
