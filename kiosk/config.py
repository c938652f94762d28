"""The site file: the terminal's TOML, typed and strict. Every mistake in it is one message that names its place."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.contract import Driver, Kind, Options
from drivers.registry import driver_class, make

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


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class HealthService(_Table):
    """A health-code service that is asked over the network. Without the table only certificates are taken.

    Attributes:
        kind: how it is asked, see `kiosk.link.health_dialects`.
        url: where codes are verified, in full. Plain http is for a gateway on this very machine only.
        secret_file: holds the secret that the operator gave, readable by its owner only.
        ca_file: PEM, where the service's certificate comes from an authority of the hall's own.
        seconds: for one attempt; there are two at the most.
        patterns: regular expressions; a scanned text that one of them matches from its begin to its end is asked for.
            Anything else is never sent anywhere.
    """

    kind: Literal["gate-decode", "gbt-38963"]
    url: str = Field(pattern=r"^(https://[^\s/?#]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)(/[^\s?#]*)?$")
    app_id: str = Field(min_length=1, max_length=64)
    secret_file: Annotated[Path, Field(strict=False)]
    ca_file: Annotated[Path, Field(strict=False)] | None = None
    seconds: float = Field(default=2.0, ge=0.2, le=5)
    patterns: tuple[re.Pattern[str], ...] = Field(min_length=1, max_length=20, strict=False)


class Gate(_Table):
    """Settings of the gate. Seconds, unless the name says otherwise.

    Attributes:
        lane: the name of the way through this gate, as staff call it.
        exit_lane: the name of its exit lane, where a table `[gate.devices.exit_barrier]` sets one up.
        result_seconds: how long an outcome stays on the screen.
        regulars: so many people at most are recognised without a card, by their consent (ADR 8); 0 for nobody.
        passports: the code scanner also reads the machine-readable zone of passports (optical character recognition).
    """

    lane: str
    exit_lane: str = Field(default="出口", min_length=1, max_length=64)
    face_seconds: float = Field(default=10.0, gt=0, le=60)
    face_frames: int = Field(default=5, ge=5, le=30)
    temperature_seconds: float = Field(default=5.0, gt=0, le=60)
    code_seconds: float = Field(default=20.0, gt=0, le=120)
    pass_seconds: float = Field(default=8.0, gt=0, le=15)
    result_seconds: float = Field(default=6.0, gt=0, le=60)
    passports: bool = False
    regulars: int = Field(default=0, ge=0, le=71)
    health_service: HealthService | None = None
    devices: dict[str, dict[str, object]] = Field(default_factory=dict)


class Desk(_Table):
    """Settings of the desk. Seconds, unless the name says otherwise."""

    idle_seconds: float = Field(default=60.0, gt=0, le=600)
    warning_seconds: int = Field(default=20, ge=20, le=120)
    result_seconds: float = Field(default=4.0, gt=0, le=60)
    devices: dict[str, dict[str, object]] = Field(default_factory=dict)


class Vision(_Table):
    """Settings of the vision process.

    Attributes:
        engine: which face engine compares.
        photo_decoder: `none`, `vendor-library` (with `library`), or `simulated`, which reads simulated cards only.
        liveness_v2: MiniFASNetV2 (crop 2.7) as ONNX; empty where the liveness networks are not installed.
        liveness_v2_sha256: of that file, hexadecimal.
        liveness_v1se: MiniFASNetV1SE (crop 4.0) as ONNX.
        liveness_v1se_sha256: of that file, hexadecimal.
    """

    engine: Literal["sface", "dlib"] = "sface"
    photo_decoder: Literal["none", "vendor-library", "simulated"] = "none"
    library: str = ""
    liveness_v2: str = ""
    liveness_v2_sha256: str = Field(default="", pattern="^([0-9a-fA-F]{64})?$")
    liveness_v1se: str = ""
    liveness_v1se_sha256: str = Field(default="", pattern="^([0-9a-fA-F]{64})?$")


class Voice(_Table):
    """Settings of the voice, where there is a loudspeaker.

    Attributes:
        volume: of each new person, 0 (silent) to 4.
        traditional: what is spoken where the screens are in traditional characters.
    """

    volume: int = Field(default=2, ge=0, le=4)
    traditional: Literal["cantonese", "mandarin"] = "cantonese"


DEFAULT_VOICE = Voice()


class Panel(_Table):
    """The screen's panel: how large it is, and how high it hangs. Letters, keys and reach are measured with it.

    Attributes:
        px_per_mm: pixels a millimetre, counted as if the panel were 1080 pixels wide: 1080 divided by the width of the
            picture in millimetres. Smaller panels than 26 inches have a larger figure; letters would be too small.
        bottom_mm: the picture's lower edge above the floor. Above 810 mm at 27 inches, not all keys are within reach of
            somebody who sits.
        touch: of `calibrate touch`: x' = a x + b y + c and y' = d x + e y + f, in shares of the panel from its upper
            left corner; None where touches are where the panel says.
    """

    px_per_mm: float = Field(default=3.2, ge=1.8, le=3.33)
    bottom_mm: float = Field(default=800.0, ge=380, le=1100)
    touch: tuple[float, float, float, float, float, float] | None = Field(default=None, strict=False)


class Help(_Table):
    """Help from afar.

    Attributes:
        on: whether somebody can be called from this terminal.
        sound: the handset or the microphone and speaker for it: `alsa:` and ALSA's name of the card, `socket:` and the
            path of a Unix socket, or empty for none: then staff and citizen write.
    """

    on: bool = True
    sound: str = Field(default="", pattern="^((alsa|socket):.{1,200})?$")


DEFAULT_HELP = Help()


class Hub(_Table):
    """How to reach the hub. The identity folder is made by enrolment and holds the hub's address."""

    identity: Annotated[Path, Field(strict=False)] = Path("identity")


class _File(_Table):
    hall: str = Field(min_length=1)
    hall_name: str = Field(min_length=1)
    terminal: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    hotline: str = ""
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    data: Annotated[Path, Field(strict=False)] = Path("data")
    view_socket: str = ""
    hub: Hub = Hub()
    help: Help = Help()
    vision: Vision = Vision()
    panel: Panel = Panel()
    voice: Voice = Voice()
    gate: Gate | None = None
    desk: Desk | None = None


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


_TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+?)\s*=")


def _line_of(text: str, place: tuple[str, ...]) -> int:
    """Line on which a key or table stands, counted from 1; of the nearest table above it where it is missing."""
    best, best_depth = 1, 0
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            table = tuple(part.strip().strip("\"'") for part in found[1].split("."))
            here = table
        elif found := _KEY.match(line):
            here = (*table, *(part.strip("\"'") for part in found[1].split(".")))
        else:
            continue
        if place[: len(here)] == here and len(here) > best_depth:
            best, best_depth = number, len(here)
    return best


def _say(kind: str, message: str, place: tuple[str, ...], known: tuple[str, ...]) -> str:
    if kind == "extra_forbidden":
        near = get_close_matches(place[-1], known, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; known keys: {', '.join(sorted(known))}" if known else ""
        return f"unknown key{hint}"
    if kind == "missing":
        return "is missing"
    return message[0].lower() + message[1:]


def _known(model: type[BaseModel], place: tuple[str, ...]) -> tuple[str, ...]:
    """Keys of the table in which `place` stands."""
    tables: dict[tuple[str, ...], type[BaseModel]] = {
        (): model,
        ("hub",): Hub,
        ("help",): Help,
        ("vision",): Vision,
        ("panel",): Panel,
        ("voice",): Voice,
        ("gate",): Gate,
        ("gate", "health_service"): HealthService,
        ("desk",): Desk,
    }
    table = tables.get(place[:-1], model if issubclass(model, Options) else None)
    return tuple(table.model_fields) if table is not None else ()


class _Problems:
    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self.lines: list[str] = []

    def add(self, place: tuple[str, ...], what: str) -> None:
        name = ".".join(place)
        self.lines.append(f"{self._path}:{_line_of(self._text, place)}: {name}: {what}")

    def add_all(self, error: ValidationError, prefix: tuple[str, ...], model: type[BaseModel]) -> None:
        for one in error.errors():
            inner = tuple(str(part) for part in one["loc"])
            self.add((*prefix, *inner), _say(one["type"], one["msg"], inner, _known(model, inner)))


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


def read_site(path: Path) -> Site:
    """Read and check a site file.

    Args:
        path: the file. Relative paths in it are taken from its folder.

    Raises:
        SiteFileError: it cannot be read or used; holds every problem found, not just the first.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise SiteFileError((f"{path}: cannot be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise SiteFileError((f"{path}: is not UTF-8 (byte {error.start})",)) from error
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError((f"{path}: is not TOML: {error}",)) from error
    problems = _Problems(path, text)
    file: _File | None = None
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        problems.add_all(error, (), _File)
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
