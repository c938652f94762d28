"""Releases: what the hub wants a terminal to run, and what the terminal says it runs and why."""

from typing import Annotated, Final

import msgspec

from kiosk.wire.evidence import Name, Wire

KIND: Final = "release"
"""Kind of the signed edition (`kiosk.wire.fleet.Signed`) whose body is a `Wanted`."""
Version = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){2}$")]
"""Three numbers, compared as numbers, e.g. `0.12.3`."""
Hour = Annotated[int, msgspec.Meta(ge=0, le=24)]


class Wanted(Wire, frozen=True, kw_only=True):
    """What the terminals of a ring are to run. The release itself is signed elsewhere, by keys no hub has."""

    release: Version
    halted: bool = False
    """Nobody who does not run it yet begins with it: it failed somewhere, or somebody said stop."""
    from_hour: Hour = 0
    """Switch from this hour in China …"""
    until_hour: Hour = 24
    """… until this one; over midnight where it is the smaller. What was begun is finished."""


class ReleaseReport(Wire, frozen=True, kw_only=True):
    """Which release a terminal runs, and what became of the others."""

    running: Name
    phase: Name = ""
    """`proven`, `trial`, or empty where it runs from a checkout."""
    wanted: Name = ""
    """What the updater last tried to bring; empty when it had nothing to do."""
    step: Name = ""
    """Where that is: `downloading`, `waiting`, `installed`, `failed`."""
    refused: Name = ""
    """The newest release that was taken back, or not installed, here."""
    why: Name = ""
    """Of `refused` or `failed`: `crashed`, `hangs_at_start`, `hangs`, `self_test`, `tampered`, `older`, `wrong_key`,
    `expired`, `disk_full`, …"""
    detail: Annotated[str, msgspec.Meta(max_length=400)] = ""


def target_of(version: str) -> str:
    """The name of a release's file in the repository."""
    return f"kiosk-{version}.tar.gz"


def within_hours(hour: int, wanted: Wanted) -> bool:
    """Whether a release may be switched to now.

    Args:
        hour: of the day in China, 0 to 23.
        wanted: says between which.
    """
    if wanted.from_hour <= wanted.until_hour:
        return wanted.from_hour <= hour < wanted.until_hour
    return hour >= wanted.from_hour or hour < wanted.until_hour
