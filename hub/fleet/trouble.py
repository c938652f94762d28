"""What is wrong with a terminal, read from its newest health: the kinds of alarms, and their limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.fleet.seen import Seen
from kiosk.wire.fleet import Health


class AlarmKind(StrEnum):
    """What is wrong."""

    SILENT = "silent"
    """Nothing was heard of it."""
    OUT_OF_SERVICE = "out_of_service"
    DEVICE = "device"
    """A device does not work; `about` says which."""
    SUPPLY = "supply"
    """A device runs out of something."""
    OUTBOX = "outbox"
    """Its oldest event waits for long, though the line is there."""
    DEAD_LETTER = "dead_letter"
    """The hub, or the terminal, refused an event for good."""
    CLOCK = "clock"
    """Its clock is off."""
    CERTIFICATE = "certificate"
    """Its certificate ends soon, and was not renewed."""
    EXPIRED = "expired"
    """Its certificate has ended: it has to be enrolled again."""
    BEHIND = "behind"
    """It does not hold what is desired of it, for long; `about` is the kind of edition."""
    EDITION = "edition"
    """It cannot use an edition that came; `about` is its kind."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When an alarm is raised, and when it is cleared."""

    silent_after: timedelta = timedelta(seconds=120)
    outbox_raised: timedelta = timedelta(minutes=10)
    outbox_cleared: timedelta = timedelta(minutes=2)
    clock_raised: timedelta = timedelta(seconds=30)
    clock_cleared: timedelta = timedelta(seconds=5)
    certificate_raised: timedelta = timedelta(days=21)
    device_after: timedelta = timedelta(seconds=60)
    """A device that was unplugged and is back within a minute calls nobody."""
    supply_cleared: timedelta = timedelta(seconds=60)
    """There has been enough for so long: the sensor of a roll that turns says now this, now that."""
    behind_after: timedelta = timedelta(days=1)
    """Cleared as soon as it has caught up, and not by a still newer edition."""


_GOOD: Final = frozenset({"ready", "opening"})
_ENOUGH: Final = frozenset({"ok", "enough", "present", "full", "unknown", ""})
_OF_CERTIFICATES: Final = frozenset({AlarmKind.CERTIFICATE, AlarmKind.EXPIRED})
Wrong = dict[tuple[AlarmKind, str], str]
"""Kind and what it is about, with the detail."""


def _span(seconds: float) -> str:
    return f"{int(seconds)} s" if seconds < 120 else f"{int(seconds // 60)} min"


def wrong_with(
    seen: Seen,
    certificate_ends: datetime | None,
    raised: frozenset[tuple[AlarmKind, str]],
    now: datetime,
    limits: Limits,
    behind: Mapping[str, datetime] = MappingProxyType({}),
) -> Wrong:
    """What is wrong with a terminal.

    Args:
        seen: What was heard of it last.
        certificate_ends: Of the certificate in force.
        raised: What is raised already: its other limit counts.
        now: The time.
        limits: When.
        behind: Since when it does not hold what is desired, by kind.
    """
    silence = now - seen.at
    if silence > limits.silent_after:
        # Of a terminal that says nothing nothing else is known; what was raised stays as it was.
        kept = {what: "" for what in raised if what[0] not in _OF_CERTIFICATES}
        silent: Wrong = {(AlarmKind.SILENT, ""): _span(silence.total_seconds()), **kept}
        return {**silent, **_certificate_trouble(certificate_ends, now, limits)}
    late: Wrong = {
        (AlarmKind.BEHIND, kind): since.date().isoformat()
        for kind, since in behind.items()
        if now - since > limits.behind_after or (AlarmKind.BEHIND, kind) in raised
    }
    return {**_machine_trouble(seen.health), **_data_trouble(seen, certificate_ends, raised, now, limits), **late}


def _machine_trouble(health: Health) -> Wrong:
    """What is wrong with its devices."""
    found: Wrong = {}
    if not health.in_service and not health.paused:
        found[AlarmKind.OUT_OF_SERVICE, ""] = health.view
    for device in health.devices:
        if device.state not in _GOOD:
            found[AlarmKind.DEVICE, device.name] = device.code or device.state
        for supply, level in device.supplies.items():
            if level not in _ENOUGH:
                found[AlarmKind.SUPPLY, device.name] = f"{supply} {level}"
    return found


def _data_trouble(
    seen: Seen,
    certificate_ends: datetime | None,
    raised: frozenset[tuple[AlarmKind, str]],
    now: datetime,
    limits: Limits,
) -> Wrong:
    """What is wrong with what it sends, its clock and its certificate."""
    found: Wrong = {}
    health = seen.health
    if health.outbox_dead:
        found[AlarmKind.DEAD_LETTER, ""] = str(health.outbox_dead)
    for kind, refused in health.refused.items():
        found[AlarmKind.EDITION, kind] = f"{refused.version}: {refused.why}"
    if health.oldest_waiting is not None:
        age = health.made - health.oldest_waiting  # both by the terminal's own clock
        limit = limits.outbox_cleared if (AlarmKind.OUTBOX, "") in raised else limits.outbox_raised
        if age > limit:
            found[AlarmKind.OUTBOX, ""] = f"{health.outbox_waiting}, {_span(age.total_seconds())}"
    limit = limits.clock_cleared if (AlarmKind.CLOCK, "") in raised else limits.clock_raised
    if abs(seen.clock_offset) > limit:
        found[AlarmKind.CLOCK, ""] = f"{seen.clock_offset.total_seconds():+.0f} s"
    return {**found, **_certificate_trouble(certificate_ends, now, limits)}


def _certificate_trouble(ends: datetime | None, now: datetime, limits: Limits) -> Wrong:
    """The hub knows itself when a certificate ends, also of a terminal that it does not hear."""
    if ends is None or ends - now >= limits.certificate_raised:
        return {}
    kind = AlarmKind.EXPIRED if ends <= now else AlarmKind.CERTIFICATE
    return {(kind, ""): ends.date().isoformat()}
