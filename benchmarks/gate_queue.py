"""A queue at the gate: the real program over real wires, people at wire speed, one after the other.

* `card_to_barrier_ms`: from the card lying on the reader to the release having arrived at the relay board.
* `code_to_barrier_ms`: the same for a code that stands for the card (level IV), from being held before the scanner.
* `own_work_ms`: what of it is the program's own: looking the appointment up, deciding, storing durably, and the release
  on its way to the board. The rest is the card's transfer, the camera's pictures and the thermometer's readings.
* `persons_a_minute`: over the whole queue, with half a second from the lock's sound to the first step and a walk.

Each queue is a row: with the hub, without it, and with 100,000 appointments in the terminal's own list.
"""

import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import msgspec
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import insert, update

from hub.options import writing
from hub.store import schema
from kiosk.clock import WallClock
from kiosk.demo.accounts import spread
from kiosk.demo.cases import Act, GateCase
from kiosk.demo.codes import Office
from kiosk.demo.day import props_of
from kiosk.demo.gate_walk import Walk
from kiosk.demo.health import HealthOffice
from kiosk.demo.people import Registry, Visitor, visitor
from kiosk.demo.plan import HALL, Plan
from kiosk.demo.show import Show
from kiosk.demo.stage_crew import watched
from kiosk.demo.street import Faces
from kiosk.wire.events import Passage
from kiosk.wire.rules import Verdict
from provisioning.assets import portraits

APPOINTMENTS: Final = 100_000
SYNC_SECONDS: Final = 240.0
BARS: Final[Mapping[str, float]] = {
    "card_p50_ms": 2500.0,
    "card_p95_ms": 5000.0,
    "code_p95_ms": 3000.0,
    "own_p95_ms": 300.0,
    "persons_a_minute": 12.0,
}
"""What a hall needs. All but the last are upper limits."""


class NobodyAdmittedError(RuntimeError):
    """Somebody of the queue was not let in: there is nothing to measure."""


@dataclass
class _Round:
    """One person's way through."""

    presented: float = 0.0
    released: float = 0.0
    ended: float = 0.0
    began: datetime = field(default_factory=WallClock().now)


class _Timed(Walk):
    """A visitor who notes when they laid their card down, or held their code up."""

    presented = 0.0

    def _present(self) -> None:
        self.presented = time.monotonic()  # before: a code is read, and the barrier open, while it is still held up
        super()._present()


@dataclass
class _Queue:
    """The gate with everything around it."""

    show: Show
    office: Office
    clinic: HealthOffice
    faces: Faces
    data: Path

    async def walk(self, people: Sequence[Visitor], *, code: bool = False) -> dict[str, object]:
        """Let everybody through, and say how long it took.

        Raises:
            NobodyAdmittedError: somebody was not let in.
        """
        street, eyes = self.show.cast.gate_street, self.show.cast.at_gate
        if street is None or eyes is None:
            raise NobodyAdmittedError("there is no gate")
        began, rounds = time.monotonic(), list[_Round]()
        for person in people:
            props = props_of(self.office, self.clinic, self.faces, None, person)
            walk = _Timed(street, eyes, self.faces, person, props)
            visit = await walk.go()
            released = [at for at, what in street.barrier.journal if what == "released" and at > walk.presented]
            if visit.told != ["admitted"] or not released:
                raise NobodyAdmittedError(f"{person.case.value}: {visit.told}, {visit.stuck_at}")
            rounds.append(_Round(walk.presented, released[0], time.monotonic(), visit.began))
        minutes = (time.monotonic() - began) / 60
        passages = await anyio.to_thread.run_sync(self._passages, rounds[0].began)
        if len(passages) != len(rounds):
            raise NobodyAdmittedError(f"{len(rounds)} people went through, {len(passages)} passages were stored")
        whole = [(each.released - each.presented) * 1000 for each in rounds]
        own = [_own(each, passage) for each, passage in zip(rounds, passages, strict=True)]
        return {
            "people": len(rounds),
            ("code_to_barrier_ms" if code else "card_to_barrier_ms"): spread(whole),
            "own_work_ms": spread(own),
            "persons_a_minute": round(len(rounds) / minutes, 1),
            "phases_ms": _phases(rounds, passages),
        }

    def _passages(self, since: datetime) -> list[Passage]:
        connection = sqlite.connect(str(self.data / "terminal.db"), timeout=10.0)
        try:
            rows = connection.execute(
                "SELECT body FROM passage WHERE verdict = ? ORDER BY rowid", (Verdict.ADMIT.value,)
            )
            found = [msgspec.json.decode(body, type=Passage) for (body,) in rows]
        finally:
            connection.close()
        return [passage for passage in found if passage.began >= since]

    async def rules(self, act: Act) -> None:
        """Put an act's rules in force."""
        version = await anyio.to_thread.run_sync(self.office.publish, act)
        await self.until("rules", version)

    async def until(self, what: str, least: int) -> None:
        """Wait until the terminal has come so far.

        Raises:
            TimeoutError: it has not.
        """
        with anyio.fail_after(SYNC_SECONDS):
            # Another program's store: nobody says when it changes.
            while getattr(await anyio.to_thread.run_sync(self.show.book, "gate"), what) < least:  # noqa: ASYNC110
                await anyio.sleep(0.3)


def _own(each: _Round, passage: Passage) -> float:
    """Milliseconds of our own: the look-up, and from the decision to the release at the board."""
    now, wall = time.monotonic(), WallClock().now()
    decided = now - (wall - passage.decided).total_seconds()
    looked_up = sum(timing.ms for timing in passage.timings if timing.phase == "code")
    return looked_up + (each.released - decided) * 1000


def _phases(rounds: Sequence[_Round], passages: Sequence[Passage]) -> dict[str, dict[str, float]]:
    times: dict[str, list[float]] = {}
    for each, passage in zip(rounds, passages, strict=True):
        inside = {timing.phase: timing.ms for timing in passage.timings if timing.phase not in {"total", "card"}}
        # What is before the journey's own clock: the card's selection and transfer.
        inside["reader"] = (each.released - each.presented) * 1000 - sum(inside.values())
        inside["walk"] = (each.ended - each.released) * 1000
        for phase, ms in inside.items():
            times.setdefault(phase, []).append(ms)
    return {phase: spread(values) for phase, values in times.items()}


async def queues(people: int, appointments: int = APPOINTMENTS) -> dict[str, object]:
    """Measure all queues.

    Args:
        people: how many stand in each.
        appointments: how many the terminal's list holds in the last ones.
    """
    rng = random.Random(1)
    faces = await anyio.to_thread.run_sync(Faces, portraits(), 1)
    registry = Registry(rng)
    cards = [[visitor(registry, rng, len(faces), GateCase.LISTED) for _ in range(people)] for _ in range(3)]
    codes = [visitor(registry, rng, len(faces), GateCase.CODE_FOR_A_CARD) for _ in range(people)]
    plan = Plan(people=0, submissions=0, seed=1, hub_down="never", plain=True, role="gate")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-benchmark-")))
        clinic = stack.enter_context(HealthOffice(WallClock()))
        show = Show(plan, folder, lambda _: None, 0, clinic)
        await stack.enter_async_context(watched(show.programs))
        show.start_hub()
        await show.build(stack)
        office = show.office()
        await anyio.to_thread.run_sync(partial(office.open, [who for queue in cards for who in queue], changes=0))
        await show.start_terminals(stack)
        await show.in_service()
        queue = _Queue(show, office, clinic, faces, folder / "gate" / "data" / "gate")
        found: dict[str, dict[str, object]] = {}
        found["with_the_hub"] = await queue.walk(cards[0])
        upto = await anyio.to_thread.run_sync(_fill, folder / "hub", appointments)
        await queue.until("appointments", upto)
        found["with_many_appointments"] = {"appointments": appointments} | await queue.walk(cards[1])
        await queue.rules(Act.OPEN)
        found["by_code"] = await queue.walk(codes, code=True)
        await queue.rules(Act.LEVEL_3)
        await show.cast.hub.stop()
        found["without_the_hub"] = {"appointments": appointments} | await queue.walk(cards[2])
    return {"queues": found, "bars": _bars(found)}


def _fill(hub_data: Path, count: int) -> int:
    """Put many appointments of today into the hub's list.

    Returns:
        The number of the last change.
    """
    clock, rng = WallClock(), random.Random(2)
    now = clock.now().replace(microsecond=0)
    hall, table = schema.hall, schema.appointment
    with writing(hub_data, clock) as connection:
        last = connection.scalar(
            update(hall)
            .where(hall.c.hall == HALL)
            .values(appointment_changes=hall.c.appointment_changes + count)
            .returning(hall.c.appointment_changes)
        )
        if last is None:
            raise LookupError(HALL)
        first = int(last) - count + 1
        connection.execute(
            insert(table),
            [
                {
                    "code_id": f"BENCH{number:08d}",
                    "hall": HALL,
                    "person": f"{rng.getrandbits(256):064x}",
                    "begins": now + timedelta(minutes=number % 600),
                    "ends": now + timedelta(minutes=number % 600 + 60),
                    "companions": 0,
                    "change": first + number,
                    "issued": now,
                }
                for number in range(count)
            ],
        )
    return int(last)


def _bars(found: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Each bar, the worst figure of all queues, and whether it is held."""

    def worst(name: str, part: str) -> float:
        rows = [row[name] for row in found.values() if name in row]
        return max(msgspec.convert(row, dict[str, float])[part] for row in rows)

    seen = {
        "card_p50_ms": worst("card_to_barrier_ms", "p50"),
        "card_p95_ms": worst("card_to_barrier_ms", "p95"),
        "code_p95_ms": worst("code_to_barrier_ms", "p95"),
        "own_p95_ms": worst("own_work_ms", "p95"),
        "persons_a_minute": min(float(str(row["persons_a_minute"])) for row in found.values()),
    }
    return {
        name: {
            "bar": bar,
            "worst": seen[name],
            "held": seen[name] >= bar if name == "persons_a_minute" else seen[name] <= bar,
        }
        for name, bar in BARS.items()
    }
