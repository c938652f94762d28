"""What staff see of a lane and of a passage: devices, figures and evidence, named by values, never by scores."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from kiosk.clock import CHINA
from kiosk.devices.supervisor import DeviceReport
from kiosk.store.staff_acts import Kept
from kiosk.view.attendant import DeviceLine, Finding, Good, OnePassage, PassageLine, SecondReading, WatchTold
from kiosk.wire.events import Passage, StaffAct
from kiosk.wire.evidence import (
    Band,
    CertificateChecked,
    CodeChecked,
    CodeStatus,
    Colour,
    Evidence,
    FaceCompared,
    HealthChecked,
    IdentityRead,
    LivenessChecked,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Watched,
    Why,
)
from kiosk.wire.rules import Reason, Rules
from kiosk.wire.watch import WatchEntry

_QUIET = frozenset({Why.NOT_REQUIRED, Why.NOT_INSTALLED, Why.NOT_REACHED})
_BANDS = {Band.ACCEPT: Good.YES, Band.STAFF: Good.LOOK, Band.REJECT: Good.NO}
_MASKS = {MaskWorn.WORN: Good.YES, MaskWorn.BARE: Good.NO}
_COLOURS = {Colour.GREEN: Good.YES, Colour.RED: Good.NO}
_WARM = frozenset({Reason.TEMPERATURE_HIGH, Reason.TEMPERATURE_UNSURE, Reason.NO_TEMPERATURE})


def clock_of(moment: datetime) -> str:
    """The time of day in China, `HH:MM`."""
    return f"{moment.astimezone(CHINA):%H:%M}"


def device_lines(reports: Sequence[DeviceReport]) -> tuple[DeviceLine, ...]:
    """Devices and how they are; one that goes on with a notice needs somebody too."""
    return tuple(
        DeviceLine(report.name, "notice" if report.notice else report.state.value, report.notice or report.remedy)
        for report in reports
    )


def line_of(kept: Kept) -> PassageLine:
    """One row of the list."""
    passage = kept.passage
    return PassageLine(
        id=str(passage.id),
        clock=clock_of(passage.decided),
        name_masked=passage.name_masked,
        verdict=passage.decision.verdict.value,
        reason=passage.decision.reasons[0].value if passage.decision.reasons else "",
        crossed="" if kept.crossed is None else kept.crossed.value,
        answer="" if kept.answer is None else kept.answer.value,
    )


def _watch_told(passage: Passage, entry_of: Callable[[str], WatchEntry | None]) -> WatchTold | None:
    seen = passage.evidence.watch
    if not isinstance(seen, Watched):
        return None
    entry, alone = entry_of(seen.entry), passage.decision.reasons == (Reason.ON_WATCH_LIST,)
    if entry is None:
        return WatchTold("", companion=seen.companion, alone=alone)
    return WatchTold(entry.kind.value, entry.note, seen.companion, alone)


def passage_of(kept: Kept, rules: Rules, entry_of: Callable[[str], WatchEntry | None] = lambda _: None) -> OnePassage:
    """A person's evidence.

    Args:
        kept: the passage.
        rules: those in force: they say how a temperature speaks.
        entry_of: an entry of the watch list by its id.
    """
    passage = kept.passage
    return OnePassage(
        line=line_of(kept),
        number_masked=passage.number_masked,
        reasons=tuple(reason.value for reason in passage.decision.reasons),
        findings=tuple(findings(passage.evidence, passage.decision.reasons, rules.capacity)),
        readings=tuple(
            SecondReading(
                act.temperature_c, clock_of(act.at), act.staff, high=act.temperature_c >= rules.temperature_high_c
            )
            for act in kept.acts
            if act.act is StaffAct.MEASURED_AGAIN and act.temperature_c is not None
        ),
        open=kept.open,
        named=isinstance(passage.evidence.identity, IdentityRead),
        watch=_watch_told(passage, entry_of),
    )


def findings(evidence: Evidence, reasons: Sequence[Reason], capacity: int | None) -> Iterator[Finding]:
    """Each part of the evidence that says something: what was not asked for is left out."""
    yield from _missing(evidence)
    if isinstance(evidence.identity, IdentityRead):
        good = Good.YES if evidence.identity.number_is_valid else Good.NO
        yield Finding("identity", evidence.identity.document.value, good)
    yield from _camera(evidence)
    if isinstance(evidence.temperature, TemperatureTaken):
        against = set(reasons)
        good = Good.NO if Reason.TEMPERATURE_HIGH in against else Good.LOOK if against & _WARM else Good.YES
        yield Finding("temperature", "taken", good, f"{evidence.temperature.counts_c:.1f}")
    yield from _shown(evidence)
    if isinstance(evidence.occupancy, Occupancy):
        full = capacity is not None and evidence.occupancy.inside >= capacity
        yield Finding("occupancy", "inside", Good.LOOK if full else Good.QUIET, str(evidence.occupancy.inside))


def _missing(evidence: Evidence) -> Iterator[Finding]:
    """What was asked for and could not be had comes first."""
    for part in ("identity", "face", "liveness", "mask", "temperature", "code", "health", "occupancy"):
        seen = getattr(evidence, part)
        if isinstance(seen, NotMeasured) and seen.why not in _QUIET:
            yield Finding(part, seen.why.value, Good.LOOK)


def _camera(evidence: Evidence) -> Iterator[Finding]:
    match evidence.face:
        case FaceCompared(band=band):
            yield Finding("face", band.value, _BANDS[band])
    match evidence.liveness:
        case LivenessChecked(passed=passed):
            yield Finding("liveness", "passed" if passed else "failed", Good.YES if passed else Good.NO)
    match evidence.mask:
        case MaskSeen(worn=worn):
            yield Finding("mask", worn.value, _MASKS.get(worn, Good.LOOK))


def _shown(evidence: Evidence) -> Iterator[Finding]:
    match evidence.code:
        case CodeChecked(status=status, companions=companions):
            good = Good.YES if status is CodeStatus.VALID else Good.NO
            yield Finding("code", status.value, good, str(companions) if companions else "")
    match evidence.health:
        case HealthChecked(colour=colour):
            yield Finding("health", colour.value, _COLOURS.get(colour, Good.LOOK))
        case CertificateChecked(answer=answer):
            yield Finding("health", "certificate", Good.YES if answer == "valid" else Good.LOOK)
