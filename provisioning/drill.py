"""Drills: something is made to fail, and it is measured whether what must happen then does.

At a real terminal a person does it, told what to do. A simulator does it itself: it reads what is asked from the file
`do` beside its address (`python -m drivers.simulate KIND MODEL --folder F`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import anyio
import anyio.to_thread
import msgspec

from drivers.contract import Kind
from kiosk.clock import Clock
from kiosk.config import DeviceEntry, Site
from kiosk.devices.supervisor import Device, State
from provisioning.checks.contract import Person, Result, Verdict, Who
from provisioning.checks.machine import CLOCK_S, LEAST_DISK, check_machine
from provisioning.live_devices import CAN_BE_SILENT, Live, looked_after
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit, Say

NOTICED_S: Final = 10.0
"""Within which a device that left, or that hangs, has to be noticed."""
BACK_S: Final = 10.0
"""Within which it has to be in service again."""
HANG_S: Final = 12.0
PERSON_S: Final = 60.0
"""That a person has for what is asked."""
_AWAY: Final = {State.ABSENT, State.FAULT, State.STUCK}
DRILLS: Final = ("unplug", "garbage", "hang", "paper", "line", "clock", "disk")


class Drilled(msgspec.Struct, frozen=True, kw_only=True):
    """A run of drills."""

    made: datetime
    site: str
    results: tuple[Result, ...]


class Hand(Protocol):
    """Makes things fail, and mends them again."""

    def can(self, what: str, entry: DeviceEntry | None) -> bool:
        """Whether this hand can do it."""
        ...

    def do(self, what: str, entry: DeviceEntry | None) -> None:
        """Do it; returns when it is done."""
        ...


@dataclass(frozen=True)
class ByPerson:
    """Somebody at the terminal, who is told what to do."""

    person: Person

    def can(self, what: str, _entry: DeviceEntry | None) -> bool:
        """A person cannot make a device send garbage, or hang."""
        return what not in {"garbage", "hang"}

    def do(self, what: str, entry: DeviceEntry | None) -> None:
        """Ask for it."""
        name = "" if entry is None else entry.name.replace("_", " ")
        self.person.show(
            {
                "unplug": f"Pull the plug of the {name} now.",
                "replug": f"Plug the {name} in again, into the same socket.",
                "paper_out": "Take the paper out of the printer now, and close the cover.",
                "paper_in": "Put the paper in again.",
                "line_down": "Pull the network cable now.",
                "line_up": "Plug the network cable in again.",
                "clock_off": "Set the clock an hour ahead: date -s '+1 hour' (as root).",
                "clock_on": "Set it right again: date -s '-1 hour', or chronyc makestep.",
                "disk_full": "Fill the disk: fallocate -l SIZE of all but 1 GB, in the data folder's file system.",
                "disk_free": "Remove that file again.",
            }[what]
        )


@dataclass(frozen=True)
class BySimulator:
    """The simulators of a folder, which read what is asked from `do` beside their address."""

    folder: Path

    def _beside(self, entry: DeviceEntry | None) -> Path | None:
        if entry is None:
            return None
        for _, value in entry.options:
            place = Path(value) if isinstance(value, str | Path) else None
            if place is not None and self.folder.absolute() in place.absolute().parents:
                # the address may be a folder itself, as of a camera's frames
                top = place.absolute().relative_to(self.folder.absolute()).parts[0]
                return self.folder.absolute() / top / "do"
        return None

    def can(self, what: str, entry: DeviceEntry | None) -> bool:
        """What simulators do."""
        there = self._beside(entry)
        return there is not None and what in {"unplug", "replug", "garbage", "hang"}

    def do(self, what: str, entry: DeviceEntry | None) -> None:
        """Write it down, and wait until it was done."""
        file = self._beside(entry)
        if file is None:
            raise CannotDo(Exit.BAD_INPUT, f"{self.folder} has no simulator of this device")
        words = {"garbage": "garble garbage", "hang": f"hang {HANG_S:g}"}
        write_whole(file, words.get(what, what).encode())
        deadline = time.monotonic() + 5.0
        while file.exists():
            if time.monotonic() > deadline:
                raise CannotDo(Exit.NOT_NOW, f"the simulator does not read {file}: start it again")
            time.sleep(0.02)


async def drill(site: Site, clock: Clock, hand: Hand, *, only: str, which: tuple[str, ...], say: Say) -> Drilled:
    """Drill.

    Args:
        site: the site file.
        clock: this machine's time.
        hand: makes things fail.
        only: kind, `role.kind`, or empty for all devices.
        which: of `DRILLS`.
        say: is told each step.

    Raises:
        CannotDo: there is no such device or drill.
    """
    if unknown := sorted(set(which) - set(DRILLS)):
        raise CannotDo(Exit.BAD_INPUT, f"no drill {', '.join(unknown)}; there are: {', '.join(DRILLS)}")
    found: list[Result] = []
    async with looked_after(site, only, clock) as live:
        for role, device, entry in live.devices:
            one = _Device(live, f"{role}.{device.name}", device, entry, hand, say)
            found += [await one.run(what) for what in which if what in {"unplug", "garbage", "hang"}]
            if "paper" in which and entry.driver.kind is Kind.PRINTER:
                found.append(await one.paper())
    machine = _Machine(site, clock, hand, say)
    for what in which:
        if what in {"line", "clock", "disk"} and not only:
            found.append(await anyio.to_thread.run_sync(machine.run, what))
    return Drilled(made=clock.now(), site=str(site.path), results=tuple(found))


def _result(name: str, words: str, must: str, *, value: str, good: bool, remedy: str) -> Result:
    verdict = Verdict.PASS if good else Verdict.FAIL
    who = Who.NOBODY if good else Who.TECHNICIAN
    return Result(
        id=name, what=words, verdict=verdict, value=value, limits=must, remedy="" if good else remedy, who=who
    )


def _not_run(name: str, words: str, why: str) -> Result:
    return Result(id=name, what=words, verdict=Verdict.NOT_RUN, remedy=why)


@dataclass(frozen=True)
class _Device:
    live: Live
    name: str
    device: Device[object]
    entry: DeviceEntry
    hand: Hand
    say: Say

    async def run(self, what: str) -> Result:
        name = f"drill.{self.name}.{what}"
        words = {
            "unplug": "unplugged, and plugged in again",
            "garbage": "it sends garbage once",
            "hang": f"it hangs for {HANG_S:g} s",
        }[what]
        if self.entry.driver.kind in CAN_BE_SILENT or not self.hand.can(what, self.entry):
            return _not_run(name, words, "cannot be done here: by hand, or with a simulator (--simulate)")
        if await self.live.until(self.device, {State.READY}, BACK_S) is None:
            return _not_run(name, words, f"it is {self.device.state.value} before the drill: check, first")
        self.say(f"{self.name}: {words}")
        return await (self._garbage(name, words) if what == "garbage" else self._away(name, words, what))

    async def _do(self, what: str) -> None:
        await anyio.to_thread.run_sync(self.hand.do, what, self.entry)

    async def _away(self, name: str, words: str, what: str) -> Result:
        slack = PERSON_S if isinstance(self.hand, ByPerson) else 0.0
        await self._do(what)
        noticed = await self.live.until(self.device, _AWAY, NOTICED_S + slack)
        seen = self.device.state.value
        if what == "unplug":
            await self._do("replug")
        back = await self.live.until(self.device, {State.READY}, BACK_S + slack + (HANG_S if what == "hang" else 0))
        after = f" after these {HANG_S:g}" if what == "hang" else ""
        must = f"noticed within {NOTICED_S:g} s, in service again within {BACK_S:g} s{after}"
        value = f"{seen} after {noticed:.1f} s" if noticed is not None else "not noticed"
        value += f", back after {back:.1f} s" if back is not None else ", does not come back"
        return _result(
            name,
            words,
            must,
            value=value,
            good=noticed is not None and back is not None,
            remedy="another driver or address may hold it: run doctor, then bind again",
        )

    async def _garbage(self, name: str, words: str) -> Result:
        before = self.device.report()
        await self._do("garbage")
        await anyio.sleep(NOTICED_S / 2)  # two signs of life
        back = await self.live.until(self.device, {State.READY}, BACK_S)
        after = self.device.report()
        value = f"{after.errors - before.errors} errors, {'in service' if back is not None else after.state.value}"
        must = f"it goes on, or is in service again within {BACK_S:g} s"
        return _result(
            name, words, must, value=value, good=back is not None, remedy="look at the cable; then report it"
        )

    async def paper(self) -> Result:
        name, words = f"drill.{self.name}.paper", "the paper runs out"
        if not self.hand.can("paper_out", self.entry):
            return _not_run(name, words, "somebody has to take the paper out: drill without --simulate")
        must = f"said within {NOTICED_S:g} s, ready again within {BACK_S:g} s"
        await self._do("paper_out")
        out = await self._status(want_ready=False)
        await self._do("paper_in")
        back = await self._status(want_ready=True)
        value = f"{'said' if out else 'not said'}, {'ready again' if back else 'not ready again'}"
        return _result(name, words, must, value=value, good=out and back, remedy="the paper sensor, or the cover")

    async def _status(self, *, want_ready: bool) -> bool:
        from drivers.errors import DriverError  # noqa: PLC0415  only here
        from drivers.kinds import PrinterStatus, ReceiptPrinter  # noqa: PLC0415  the same

        def ask(driver: object) -> PrinterStatus:
            assert_printer: ReceiptPrinter = driver  # type: ignore[assignment]  # of its kind, by the site file
            return assert_printer.status()

        deadline = time.monotonic() + NOTICED_S + PERSON_S
        while time.monotonic() < deadline:
            try:
                if (await self.device.call(ask, 3.0)).ready is want_ready:
                    return True
            except DriverError:
                if not want_ready:
                    return True
            await anyio.sleep(0.5)
        return False


@dataclass(frozen=True)
class _Machine:
    site: Site
    clock: Clock
    hand: Hand
    say: Say

    def run(self, what: str) -> Result:
        words, must, begin, end, check = {
            "line": ("the line to the hub is down", "said, and well again", "line_down", "line_up", "hub"),
            "clock": ("the clock jumps", f"an offset above {CLOCK_S:g} s is said", "clock_off", "clock_on", "clock"),
            "disk": ("the disk fills", f"less than {LEAST_DISK >> 30} GB is said", "disk_full", "disk_free", "disk"),
        }[what]
        name = f"drill.machine.{what}"
        if not self.hand.can(begin, None):
            return _not_run(name, words, "somebody has to do it: drill without --simulate")
        if not self._well(check):
            return _not_run(name, words, "it is not well before the drill: check machine, first")
        self.say(words)
        self.hand.do(begin, None)
        said = self._until(lambda: not self._well(check))
        self.hand.do(end, None)
        again = self._until(lambda: self._well(check))
        value = f"{'said' if said else 'not said'}, {'well again' if again else 'not well again'}"
        return _result(name, words, must, value=value, good=said and again, remedy="check machine says what is wrong")

    def _well(self, check: str) -> bool:
        results = [one for one in check_machine(self.site, self.clock) if check in one.id]
        return bool(results) and not any(one.verdict is Verdict.FAIL for one in results)

    @staticmethod
    def _until(holds: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + PERSON_S
        while time.monotonic() < deadline:
            if holds():
                return True
            time.sleep(1.0)
        return False
