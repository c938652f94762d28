"""The site file: the terminal's TOML, typed and strict. Every mistake in it is one message that names its place."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from drivers.contract import Driver, Kind, Options
from drivers.registry import driver_class, make
from kiosk.wire.site_tables import (
    DEFAULT_HELP,
    DEFAULT_VOICE,
    Desk,
    Gate,
    HealthService,
    Help,
    Panel,
    SiteTables,
    Vision,
    Voice,
    known_keys,
    line_of,
    say,
)

__all__ = (
    "EXIT_BARRIER",
    "NEEDED",
    "DeviceEntry",
    "HealthService",
    "Panel",
    "Role",
    "Site",
    "SiteFileError",
    "read_raw",
    "read_site",
    "site_of",
)

Role = Literal["gate", "desk"]

NEEDED: Mapping[Role, tuple[Kind, ...]] = {
    "gate": (Kind.ID_READER, Kind.CAMERA, Kind.THERMOMETER, Kind.CODE_SCANNER, Kind.BARRIER),
    "desk": (Kind.ID_READER, Kind.CAMERA, Kind.PRINTER),
}
"""The devices without which a role cannot be set up. What happens when one fails in service is the journey's matter."""
EXIT_BARRIER = "exit_barrier"
"""A second barrier that a gate may have: of its exit lane."""
_SECOND: Mapping[tuple[Role, str], Kind] = {("gate", EXIT_BARRIER): Kind.BARRIER}
"""Devices beside the first of their kind."""


class SiteFileError(Exception):
    """The site file cannot be used.

    Attributes:
        problems: one line each: `file:line: key: what is wrong and what to write instead`.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class DeviceEntry:
    """One device of the site file: which driver, with which options."""

    name: str
    driver: type[Driver]
    options: Options

    def make(self) -> Driver:
        """A new driver for this device, recorded if its options say so."""
        return make(self.driver, self.options)


@dataclass(frozen=True)
class Site:
    """A site file that was read and found right. Paths are absolute.

    Attributes:
        view_socket: where the screen can be watched and touched from another process (a Unix socket, 0600); empty for
            nowhere. Used by the simulated crowd.
        devices: by role, then by kind.
        exit_barrier: of the gate's exit lane, where there is one.
    """

    path: Path
    hall: str
    hall_name: str
    terminal: str
    hotline: str
    language: str
    data: Path
    identity: Path
    view_socket: str
    vision: Vision
    gate: Gate | None
    desk: Desk | None
    devices: Mapping[str, Mapping[Kind, DeviceEntry]]
    exit_barrier: DeviceEntry | None = None
    panel: Panel = field(default_factory=Panel)
    voice: Voice = DEFAULT_VOICE
    help: Help = DEFAULT_HELP

    def identity_of(self, role: Role) -> Path:
        """The folder of a role's identity. A terminal with both roles is two terminals to the hub."""
        return self.identity / role if len(self.roles) > 1 else self.identity

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that the file sets up."""
        roles: list[Role] = []
        if self.gate is not None:
            roles.append("gate")
        if self.desk is not None:
            roles.append("desk")
        return tuple(roles)


class _Problems:
    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self.lines: list[str] = []

    def add(self, place: tuple[str, ...], what: str) -> None:
        name = ".".join(place)
        self.lines.append(f"{self._path}:{line_of(self._text, place)}: {name}: {what}")

    def add_all(self, error: ValidationError, prefix: tuple[str, ...], model: type[BaseModel]) -> None:
        for one in error.errors():
            inner = tuple(str(part) for part in one["loc"])
            self.add((*prefix, *inner), say(one["type"], one["msg"], inner, known_keys(model, inner)))


def _devices(tables: Mapping[str, Mapping[str, object]], role: Role, problems: _Problems) -> dict[str, DeviceEntry]:
    """The devices of a role by the names of their tables: kinds, and those beside the first of a kind."""
    found: dict[str, DeviceEntry] = {}
    names = (*Kind, *(second for its_role, second in _SECOND if its_role == role))
    for name, table in tables.items():
        place = (role, "devices", name)
        if name not in names:
            near = get_close_matches(name, names, 1)
            kinds = ", ".join(names)
            problems.add(place, f'unknown kind; did you mean "{near[0]}"?' if near else f"unknown kind; known: {kinds}")
            continue
        kind = _SECOND.get((role, name)) or Kind(name)
        key = table.get("driver")
        if not isinstance(key, str):
            problems.add((*place, "driver"), f'is missing: write driver = "{kind}/…"')
            continue
        try:
            driver = driver_class(key)
        except KeyError as error:
            problems.add((*place, "driver"), str(error.args[0]))
            continue
        if driver.kind != kind:
            problems.add((*place, "driver"), f"{key} is a driver of kind {driver.kind}, not {kind}")
            continue
        try:
            # As JSON, in which a strict model takes the name of an enumeration's member, and no other wrong type.
            given = json.dumps({k: v for k, v in table.items() if k != "driver"}, default=str)
            options = driver.options.model_validate_json(given, strict=True)
        except ValidationError as error:
            problems.add_all(error, place, driver.options)
            continue
        found[name] = DeviceEntry(name, driver, options)
    for kind in NEEDED[role]:
        if kind not in tables:
            problems.add((role, "devices", kind), f"the {role} needs this device: add a table [{role}.devices.{kind}]")
    return found


def read_raw(path: Path) -> tuple[str, dict[str, object]]:
    """A site file's text, and what stands in it.

    Raises:
        SiteFileError: it cannot be read, or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise SiteFileError((f"{path}: cannot be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise SiteFileError((f"{path}: is not UTF-8 (byte {error.start})",)) from error
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError((f"{path}: is not TOML: {error}",)) from error


def read_site(path: Path) -> Site:
    """Read and check a site file.

    Args:
        path: the file. Relative paths in it are taken from its folder.

    Raises:
        SiteFileError: it cannot be read or used; holds every problem found, not just the first.
    """
    text, raw = read_raw(path)
    return site_of(raw, text, path)


def site_of(raw: Mapping[str, object], text: str, path: Path) -> Site:
    """Check what a site file says.

    Args:
        raw: its tables, perhaps with what the hub has set for them.
        text: of the file, for the lines in messages.
        path: the file. Relative paths in it are taken from its folder.

    Raises:
        SiteFileError: it cannot be used; holds every problem found, not just the first.
    """
    problems = _Problems(path, text)
    file: SiteTables | None = None
    try:
        file = SiteTables.model_validate(raw)
    except ValidationError as error:
        problems.add_all(error, (), SiteTables)
    devices: dict[str, dict[str, DeviceEntry]] = {}
    if file is not None:
        if file.gate is None and file.desk is None:
            problems.add((), "has neither a table [gate] nor a table [desk]: nothing to run")
        if file.gate is not None:
            devices["gate"] = _devices(file.gate.devices, "gate", problems)
        if file.desk is not None:
            devices["desk"] = _devices(file.desk.devices, "desk", problems)
    if problems.lines or file is None:
        raise SiteFileError(tuple(problems.lines))
    folder = path.resolve().parent
    return Site(
        path=path.resolve(),
        hall=file.hall,
        hall_name=file.hall_name,
        terminal=file.terminal,
        hotline=file.hotline,
        language=file.language,
        data=folder / file.data,
        identity=folder / file.hub.identity,
        view_socket=file.view_socket,
        vision=file.vision,
        panel=file.panel,
        voice=file.voice,
        help=file.help,
        gate=file.gate,
        desk=file.desk,
        devices={
            role: {Kind(name): entry for name, entry in found.items() if name in tuple(Kind)}
            for role, found in devices.items()
        },
        exit_barrier=devices.get("gate", {}).get(EXIT_BARRIER),
    )
