"""The tables of the site file, without devices: typed and strict, and said alike at the terminal and at the hub."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """A table of the file: strict, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class HealthService(Table):
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


class Gate(Table):
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


class Desk(Table):
    """Settings of the desk. Seconds, unless the name says otherwise.

    Attributes:
        text_messages: it is asked whether messages are wanted; the hub has a gateway for them (`texts.toml`).
    """

    idle_seconds: float = Field(default=60.0, gt=0, le=600)
    warning_seconds: int = Field(default=20, ge=20, le=120)
    result_seconds: float = Field(default=4.0, gt=0, le=60)
    text_messages: bool = False
    devices: dict[str, dict[str, object]] = Field(default_factory=dict)


class Vision(Table):
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


class Voice(Table):
    """Settings of the voice, where there is a loudspeaker.

    Attributes:
        volume: of each new person, 0 (silent) to 4.
        traditional: what is spoken where the screens are in traditional characters.
    """

    volume: int = Field(default=2, ge=0, le=4)
    traditional: Literal["cantonese", "mandarin"] = "cantonese"


DEFAULT_VOICE = Voice()


class Panel(Table):
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


class Help(Table):
    """Help from afar.

    Attributes:
        on: whether somebody can be called from this terminal.
        sound: the handset or the microphone and speaker for it: `alsa:` and ALSA's name of the card, `socket:` and the
            path of a Unix socket, or empty for none: then staff and citizen write.
    """

    on: bool = True
    sound: str = Field(default="", pattern="^((alsa|socket):.{1,200})?$")


DEFAULT_HELP = Help()


class Hub(Table):
    """How to reach the hub. The identity folder is made by enrolment and holds the hub's address."""

    identity: Annotated[Path, Field(strict=False)] = Path("identity")


class SiteTables(Table):
    """The whole file."""

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


_TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+?)\s*=")


def line_of(text: str, place: tuple[str, ...]) -> int:
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


def say(kind: str, message: str, place: tuple[str, ...], known: tuple[str, ...]) -> str:
    """What is wrong at a place, and what to write instead.

    Args:
        kind: Of the mistake, as pydantic calls it.
        message: As pydantic says it.
        place: Keys from the outermost table.
        known: Keys that may stand there.
    """
    if kind == "extra_forbidden":
        near = get_close_matches(place[-1], known, 1)
        hint = f'; did you mean "{near[0]}"?' if near else f"; known keys: {', '.join(sorted(known))}" if known else ""
        return f"unknown key{hint}"
    if kind == "missing":
        return "is missing"
    return message[0].lower() + message[1:]


def known_keys(model: type[BaseModel], place: tuple[str, ...]) -> tuple[str, ...]:
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
    table = tables.get(place[:-1], None if issubclass(model, SiteTables) else model)
    return tuple(table.model_fields) if table is not None else ()
