"""`python -m drivers.catalogue`: the page `docs/devices.md`, written by the drivers themselves.

Printed, or with `--write FILE` put there. A test fails when the page says something else than this.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from drivers.contract import Driver, Kind, Options, ProofLevel
from drivers.registry import WHERE, driver_class

KINDS: Final[dict[Kind, str]] = {
    Kind.ID_READER: "ID card readers",
    Kind.CAMERA: "Cameras",
    Kind.THERMOMETER: "Thermometers",
    Kind.CODE_SCANNER: "Code scanners",
    Kind.BARRIER: "Barriers",
    Kind.PRINTER: "Receipt printers",
    Kind.PAGE_PRINTER: "Page printers",
    Kind.LAMP: "Lamps",
    Kind.SPEAKER: "Speakers",
    Kind.PRESENCE: "Presence sensors",
    Kind.ACCESS_TERMINAL: "Face terminals that a hall already owns",
}

WIRES: Final[tuple[tuple[str, str], ...]] = (
    ("baud", "serial line"),
    ("bus", "I²C"),
    ("url", "RTSP over TCP"),
    ("queue", "CUPS (IPP)"),
    ("listen", "HTTP, it calls us"),
    ("user", "HTTP"),
    ("host", "TCP"),
    ("vendor", "USB"),
    ("vid", "USB"),
    ("usb", "USB"),
    ("fps", "V4L2 or files"),
    ("pin", "GPIO"),
    ("device", "device node"),
    ("path", "files"),
    ("port", "serial line"),
)
"""An option that gives the wire away, and the wire; the first that a driver has counts."""

_INTRODUCTION: Final = """\
# Devices

Written by `python -m drivers.catalogue --write docs/devices.md` from the drivers in `drivers/registry.py`; do not edit.

A driver is named in the site file by its key, with its options beside it:

```toml
[gate.devices.thermometer]
driver = "thermometer/gy-614"
port = "usb:1-1.2/1a86:7523"
```

**Where a device is plugged in.** In place of a port's path (and of a camera's `device`) stands the USB socket,
`usb:1-1.2`: two equal scanners stay apart however they wake up. With `usb:1-1.2/1a86:7523` only a device of that vendor
and product is taken, with `usb:1-1.2/1a86:7523/A50285BI` only that very one; another one in the socket is *wrong
device* until something is plugged in again. The place is looked up each time the device is opened.

**How far a driver is proven.** *Simulator*: against bytes that somebody else wrote, as named; *bench*: against a device
on a table; *field*: in a hall. A driver that is proven in a simulator only has never met the device: try it first.
"""


SPECIAL: Final[dict[str, str]] = {
    "camera/folder": "files",
    "camera/uvc": "USB (V4L2)",
    "code_scanner/camera": "of the camera it looks through",
    "code_scanner/keyboard-wedge": "USB keyboard (evdev)",
    "speaker/alsa": "ALSA",
    "thermometer/lepton-y16": "USB (V4L2)",
    "thermometer/mlx90614-smbus": "SMBus, or through a serial bridge",
}
"""Drivers whose options do not give it away."""


def wire_of(driver: type[Driver]) -> str:
    """What a driver speaks over."""
    if driver.key in SPECIAL:
        return SPECIAL[driver.key]
    names = set(driver.options.model_fields)
    return next((wire for option, wire in WIRES if any(option in name.split("_") for name in names)), "—")


def _summary(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n", 1)[0].split())


def _described(options: type[Options]) -> dict[str, str]:
    """What `Attributes:` in the docstrings of the options says of each."""
    found: dict[str, str] = {}
    for one in reversed(options.__mro__):
        name = ""
        _, _, attributes = (one.__dict__.get("__doc__") or "").partition("Attributes:\n")
        for line in attributes.splitlines():
            head, colon, rest = line.strip().partition(":")
            if colon and head.isidentifier() and head in options.model_fields:
                name, found[head] = head, rest.strip()
            elif name and line.strip():
                found[name] += " " + line.strip()
    return found


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.default
    if value is PydanticUndefined or value is None:
        return "left out"
    shown = str(value.value) if hasattr(value, "value") else str(value)
    shown = str(value).lower() if isinstance(value, bool) else shown
    return f"`{shown}`" if shown else "empty"


def _section(key: str) -> Iterator[str]:
    driver = driver_class(key)
    yield f"### `{key}`"
    yield ""
    yield f"{_summary(sys.modules[driver.__module__].__doc__)} *{_summary(driver.__doc__)}*"
    yield ""
    yield f"- **Wire:** {wire_of(driver)}"
    if not driver.proven_on:
        yield "- **Proven on:** nothing yet"
    for proof in driver.proven_on:
        judge = "judged by " if proof.level is ProofLevel.SIMULATOR else ""
        yield f"- **Proven on:** {proof.level.value}, {judge}{proof.what}; firmware {proof.firmware or '—'}"
    yield ""
    described = _described(driver.options)
    yield "| option | default | meaning |"
    yield "|---|---|---|"
    for name, field in driver.options.model_fields.items():
        meaning = (field.description or described.get(name, "")).replace("|", "\\|")
        yield f"| `{name}` | {_default(field)} | {meaning} |"
    yield ""


def render() -> str:
    """The whole page."""
    lines = [_INTRODUCTION]
    lines += ["| driver | wire | proven on | firmware |", "|---|---|---|---|"]
    for key in sorted(WHERE):
        driver = driver_class(key)
        levels = ", ".join(dict.fromkeys(proof.level.value for proof in driver.proven_on)) or "nothing yet"
        firmware = ", ".join(proof.firmware for proof in driver.proven_on if proof.firmware) or "—"
        lines.append(f"| `{key}` | {wire_of(driver)} | {levels} | {firmware} |")
    lines.append("")
    for kind, title in KINDS.items():
        keys = sorted(key for key in WHERE if key.startswith(f"{kind.value}/"))
        if keys:
            lines += [f"## {title}", ""]
        for key in keys:
            lines += _section(key)
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Print the page, or write it."""
    match arguments:
        case []:
            sys.stdout.write(render())
        case ["--write", file]:
            Path(file).write_text(render(), encoding="utf-8")
        case _:
            sys.stderr.write("usage: python -m drivers.catalogue [--write FILE]\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
