"""What is wrong, and who can mend it: quick checks, calibrations and site file, as a short list of things to do."""

from pathlib import Path

import msgspec

from kiosk.clock import Clock
from kiosk.config import Site, SiteFileError, read_site
from provisioning.calibrate.records import What, kept
from provisioning.checks.contract import Depth, Result, Verdict, Who
from provisioning.checks.run import MACHINE, check
from provisioning.talk import CannotDo, Say

_ORDER = (Who.HUB, Who.TECHNICIAN, Who.ATTENDANT, Who.WAIT)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong."""

    where: str
    what: str
    who: Who
    do: str


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is wrong; nothing when the terminal is well."""

    findings: tuple[Finding, ...]
    looked_at: int

    @property
    def well(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def _finding(one: Result) -> Finding:
    return Finding(where=one.id, what=f"{one.what}: {one.value}".rstrip(": "), who=one.who, do=one.remedy)


def diagnose(
    path: Path, clock: Clock, *, devices: bool = True, site: Site | None = None, say: Say = lambda _text: None
) -> Diagnosis:
    """Look at everything that can be looked at without moving anything.

    Args:
        path: the site file; one that cannot be used is a finding, not an error.
        clock: this machine's time.
        devices: also open the devices, for which the terminal's program must not run.
        site: read already, where the devices are not quite those of the file.
        say: told each step.
    """
    try:
        site = site or read_site(path)
    except SiteFileError as error:
        lines = [
            Finding(where="site file", what=line, who=Who.TECHNICIAN, do="mend this line") for line in error.problems
        ]
        return Diagnosis(findings=tuple(lines), looked_at=1)
    results = check(site, clock, only="" if devices else MACHINE, depth=Depth.QUICK, say=say).results
    ran = [one for one in results if devices or one.id.partition(".")[0] == MACHINE or one.id.count(".") == 1]
    findings = [_finding(one) for one in ran if one.verdict is Verdict.FAIL]
    findings += [
        Finding(where=one.id, what="not enrolled", who=Who.TECHNICIAN, do=one.remedy)
        for one in ran
        if one.verdict is Verdict.NOT_RUN and one.remedy.startswith("not enrolled") and one.id.endswith(".hub")
    ]
    try:
        calibrated = kept(site, clock.now())
    except CannotDo as error:
        findings.append(Finding(where="calibration", what=str(error), who=Who.TECHNICIAN, do="calibrate again"))
        calibrated = ()
    findings += [
        Finding(
            where=f"calibration.{one.calibration.what.value}",
            what=f"expired on {one.calibration.expires:%Y-%m-%d}",
            who=Who.TECHNICIAN,
            do=f"calibrate {one.calibration.what.value}",
        )
        for one in calibrated
        if one.expired
    ]
    if site.desk is not None and not any(one.calibration.what is What.DESK for one in calibrated):
        findings.append(
            Finding(
                where="calibration.desk",
                what="the empty desk was never shown to the camera",
                who=Who.TECHNICIAN,
                do="calibrate desk --empty",
            )
        )
    findings.sort(key=lambda one: _ORDER.index(one.who) if one.who in _ORDER else len(_ORDER))
    return Diagnosis(findings=tuple(findings), looked_at=len(ran))
