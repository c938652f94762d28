"""What a check is: one thing measured against its limits, with a verdict and, where it fails, what to do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from drivers.errors import DriverError, Remedy


class Verdict(StrEnum):
    """The outcome of a check."""

    PASS = "pass"  # noqa: S105  no secret
    FAIL = "fail"
    NOT_RUN = "not_run"


class Depth(StrEnum):
    """How far checks go."""

    QUICK = "quick"
    """Asks only. Safe beside people."""
    FULL = "full"
    """Also moves, prints, lights and sounds; the barrier only with consent."""
    INTERACTIVE = "interactive"
    """Also needs somebody who does or sees something."""


class Who(StrEnum):
    """Who can mend it."""

    NOBODY = ""
    WAIT = "wait"
    ATTENDANT = "attendant"
    TECHNICIAN = "technician"
    HUB = "hub operator"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One check.

    Attributes:
        id: stable, `<device or machine>.<what>`.
        what: in words.
        value: what was measured, with its unit.
        limits: what it has to be.
        precondition: what has to hold for the check to mean anything.
        remedy: what to do when it failed, or why it was not run.
        who: who can do it.
        seconds: how long it took.
    """

    id: str
    what: str
    verdict: Verdict
    value: str = ""
    limits: str = ""
    precondition: str = ""
    remedy: str = ""
    who: Who = Who.NOBODY
    seconds: float = 0.0


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A run of checks."""

    made: datetime
    site: str
    depth: Depth
    results: tuple[Result, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        """Those that failed."""
        return tuple(one for one in self.results if one.verdict is Verdict.FAIL)


class Person(Protocol):
    """Whoever stands before the terminal during an interactive check."""

    def confirm(self, question: str) -> bool:
        """Answer a question with yes or no."""
        ...

    def show(self, text: str) -> None:
        """Read something, or hold it before a scanner."""
        ...


@dataclass(frozen=True)
class Context:
    """What a check may use.

    Attributes:
        role: gate or desk.
        depth: how far it may go.
        person: who answers; None where nobody does, and interactive checks are not run.
        barrier_consent: somebody said that the barrier may move now.
    """

    role: str
    depth: Depth
    person: Person | None = None
    barrier_consent: bool = False

    @property
    def full(self) -> bool:
        """Whether things may move, print, light and sound."""
        return self.depth in {Depth.FULL, Depth.INTERACTIVE}


_WHO = {Remedy.WAIT: Who.WAIT, Remedy.ATTENDANT: Who.ATTENDANT, Remedy.TECHNICIAN: Who.TECHNICIAN}
WORDS = {
    "not_present": "nothing answers there: look at plug, port and power. If the terminal's program runs, it holds the "
    "device: stop it first (systemctl stop kiosk-gate, or kiosk-desk)",
    "link": "the connection broke: look at plug and cable",
    "no_answer": "it is silent: switch it off and on, then look at the port's speed in the site file",
    "bad_frame": "what came was spoilt: look at the cable, its length, and the port's speed",
    "wrong_device": "another device answers at this socket: run discover, then bind",
    "device_fault": "the device itself says no: see its fault, then its manual",
}
"""What to do, by the stable code of a driver's error."""


@dataclass
class Measure:
    """Fills in a check while it runs. What it does not say is left empty."""

    value: str = ""
    passed: bool = True
    remedy: str = ""
    who: Who = Who.TECHNICIAN

    def expect(self, holds: bool, remedy: str, who: Who = Who.TECHNICIAN) -> None:  # noqa: FBT001  reads as a sentence
        """Fail unless something holds; the first reason stays."""
        if not holds and self.passed:
            self.passed, self.remedy, self.who = False, remedy, who


@dataclass
class Bench:
    """Runs checks of one device, one after the other.

    Args:
        name: of the device; first part of each id.
    """

    name: str
    results: list[Result] = field(default_factory=list)

    def run(
        self, what: str, words: str, measure: Callable[[Measure], None], *, limits: str = "", precondition: str = ""
    ) -> bool:
        """Run one check; returns whether it passed.

        Args:
            what: second part of the id.
            words: what is checked.
            measure: does it; what a driver raises is a failure.
            limits: in words.
            precondition: in words.
        """
        began, seen = time.monotonic(), Measure()
        try:
            measure(seen)
        except DriverError as error:
            fault = getattr(error, "fault", "")
            seen.passed, seen.who = False, _WHO[error.remedy]
            seen.value = seen.value or f"{error.code}{f' {fault}' if fault else ''}: {error.detail}"
            seen.remedy = WORDS.get(error.code, error.detail)
        self.results.append(
            Result(
                id=f"{self.name}.{what}",
                what=words,
                verdict=Verdict.PASS if seen.passed else Verdict.FAIL,
                value=seen.value,
                limits=limits,
                precondition=precondition,
                remedy="" if seen.passed else seen.remedy,
                who=Who.NOBODY if seen.passed else seen.who,
                seconds=round(time.monotonic() - began, 2),
            )
        )
        return seen.passed

    def skip(self, what: str, words: str, why: str) -> None:
        """Note a check that was not run, and why."""
        self.results.append(Result(id=f"{self.name}.{what}", what=words, verdict=Verdict.NOT_RUN, remedy=why))


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds since the begin of the block."""
    began = time.monotonic()
    yield lambda: time.monotonic() - began
