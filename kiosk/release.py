"""Which release this is and why, as the launcher and the updater left it beside the releases (`KIOSK_HOME/state`)."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from kiosk.wire.release import ReleaseReport

T = TypeVar("T", bound=msgspec.Struct)


class _Now(msgspec.Struct):
    """`now-PART.json`, from the launcher."""

    running: str = ""
    phase: str = ""
    refused: str = ""
    why: str = ""
    detail: str = ""


class _Update(msgspec.Struct):
    """`update.json`, from the updater."""

    wanted: str = ""
    step: str = ""
    why: str = ""
    detail: str = ""


def release_report(environment: Mapping[str, str] = os.environ) -> ReleaseReport | None:
    """What the hub is told; None where this was not started by the launcher, e.g. from a checkout.

    Args:
        environment: of this process; the launcher says there where releases live, and which part this is.
    """
    home, part = environment.get("KIOSK_HOME", ""), environment.get("KIOSK_PART", "")
    if not home or not part:
        return None
    state = Path(home) / "state"
    now, update = _read(state / f"now-{part}.json", _Now()), _read(state / "update.json", _Update())
    failed = update.step == "failed"
    return ReleaseReport(
        running=now.running[:64],
        phase=now.phase[:64],
        wanted=update.wanted[:64],
        step=update.step[:64],
        refused=now.refused[:64],
        why=(update.why if failed and update.why != "refused_before" else now.why)[:64],
        detail=(update.detail if failed and update.why != "refused_before" else now.detail)[:400],
    )


def _read(file: Path, none: T) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=type(none))
    except (OSError, msgspec.DecodeError):
        return none
