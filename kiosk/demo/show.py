"""The demonstration: hub, gate, desk and crowd, started, used, disturbed, and accounted for."""

import random
import re
import socket
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from kiosk.clock import WallClock
from kiosk.demo import accounts
from kiosk.demo import books as stored
from kiosk.demo.cases import SPONTANEOUS, Act, GateCase
from kiosk.demo.codes import CHANGES, Office
from kiosk.demo.day import Day, Terminals, props_of
from kiosk.demo.desk_walk import errands
from kiosk.demo.eyes import looking
from kiosk.demo.gate_walk import visits
from kiosk.demo.health import HealthOffice
from kiosk.demo.people import Registry, crowd, visitor
from kiosk.demo.plan import HALL, LIVE, QUICK, Plan
from kiosk.demo.report import report
from kiosk.demo.stage_crew import (
    CrewError,
    Killer,
    Program,
    enrol,
    example_people,
    hub_addresses,
    refuse_bad_sites,
    replays,
    watched,
)
from kiosk.demo.street import DeskStreet, Faces, GateStreet, Papers, site_file
from kiosk.link.identity import is_enrolled
from kiosk.view import desk, gate

__all__ = ("Plan", "demonstrate", "live")

TRAINING_HALL = "【培训演练】不是真实办理"
"""Stands on each screen where the hall's name is."""
START_SECONDS = 120.0
DRAIN_SECONDS = 90.0
"""Longest a terminal may take to deliver everything after the hub is back."""


class Show:
    """One demonstration in one folder: the programs, and what stands around them. Closes with its stack.

    Args:
        console_port: 0 for a demonstration that nobody watches.
        hall_name: shown on the screens; the demonstration's own when empty.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        say: Callable[[str], None],
        console_port: int,
        clinic: HealthOffice,
        hall_name: str = "",
    ) -> None:
        self._hall_name = hall_name
        self._plan, self._folder, self._say, self._clinic = plan, folder, say, clinic
        self._hub_data = folder / "hub"
        terminal_port = _free_port() if console_port == 0 else 8443
        self._pace = QUICK if console_port == 0 else LIVE
        hub = Program(
            "hub", folder / "hub.log", "hub", "serve", "--data", str(self._hub_data),
            "--console-port", str(console_port), "--terminal-port", str(terminal_port),
        )  # fmt: skip
        self.cast = Terminals(hub, self._terminal("gate"), self._terminal("desk"))
        self.programs = [hub, *(self._program(role) for role in plan.roles)]

    def _terminal(self, role: str) -> Program:
        site = self._folder / role / "site.toml"
        words = ("kiosk", "run", "--site", str(site), "--role", role, "--ui", self._plan.ui)
        return Program(role, self._folder / f"{role}.log", *words)

    def _program(self, role: str) -> Program:
        return self.cast.gate if role == "gate" else self.cast.desk

    def start_hub(self) -> None:
        """Start the hub; it comes up while other things are prepared."""
        self._say("starting the hub")
        (self._hub_data / "serving.json").unlink(missing_ok=True)  # of an earlier run
        self.cast.hub.start()

    async def build(self, stack: AsyncExitStack) -> str:
        """Put up the devices, write the site files, and enrol whoever is not enrolled yet.

        Returns:
            A site file.
        """
        sites: dict[str, str] = {}
        wires = self._folder / "wires"
        for role in self._plan.roles:
            (self._folder / role).mkdir(parents=True, exist_ok=True)
            street: GateStreet | DeskStreet
            if role == "gate":
                street = self.cast.gate_street = GateStreet(wires / role, self._plan.drivers)
            else:
                street = self.cast.desk_street = DeskStreet(wires / role, self._plan.drivers)
            stack.callback(street.close)
            service = self._clinic.settings(self._folder / role) if role == "gate" else {}
            sites[role] = site_file(role, f"{role}-1", street.all, self._pace[role], service)
            if self._hall_name:
                sites[role] = re.sub(r"(?m)^hall_name = .*$", f'hall_name = "{self._hall_name}"', sites[role])
            (self._folder / role / "site.toml").write_text(sites[role], encoding="utf-8")
        await hub_addresses(self._hub_data, self.cast.hub)
        async with anyio.create_task_group() as group:
            for role in self._plan.roles:
                if not is_enrolled(self._folder / role / "identity"):
                    self._say(f"enrolling the {role}")
                    group.start_soon(enrol, self._hub_data, f"{role}-1", role, self._folder / role / "identity")
        return sites[self._plan.roles[0]]

    async def start_terminals(self, stack: AsyncExitStack) -> None:
        """Start them, and watch their screens."""
        for role in self._plan.roles:
            self._program(role).start()
            eyes = await stack.enter_async_context(looking(self._folder / role / "view.sock"))
            if role == "gate":
                self.cast.at_gate = eyes
            else:
                self.cast.at_desk = eyes

    async def in_service(self) -> None:
        """Wait until the terminals serve.

        Raises:
            CrewError: they do not.
        """
        self._say("waiting for the terminals")
        with anyio.move_on_after(START_SECONDS):
            if self.cast.at_gate is not None:
                await self.cast.at_gate.until(lambda state: isinstance(state, gate.Welcome))
            if self.cast.at_desk is not None:
                await self.cast.at_desk.until(lambda state: isinstance(state, desk.Start))
            return
        words = "\n".join(f"--- {p.name}\n{p.last_words()}" for p in self.programs)
        raise CrewError(f"the terminals do not come into service:\n{words}")

    async def drained(self) -> None:
        """Wait until nothing waits in any outbox."""
        self._say("waiting until the hub has everything")
        with anyio.move_on_after(DRAIN_SECONDS):
            while True:
                held = [await anyio.to_thread.run_sync(self.book, role) for role in self._plan.roles]
                if not any(book.waiting for book in held):
                    return
                await anyio.sleep(0.3)

    def book(self, role: str) -> stored.TerminalBook:
        """What a terminal's store holds now; nothing where there is no such terminal."""
        if role not in self._plan.roles:
            return stored.TerminalBook()
        return stored.read_terminal(self._folder / role / "data" / role)

    def hub_book(self) -> stored.HubBook:
        """What the hub holds now."""
        return stored.read_hub(self._hub_data)

    def office(self) -> Office:
        """The appointment office."""
        return Office(self._hub_data, HALL)

    async def replayed(self) -> dict[str, object]:
        """What came of deciding everything again, at the gate and at the hub."""
        if "gate" not in self._plan.roles:
            return {}
        return await replays(self._folder / "gate" / "site.toml", self._hub_data, HALL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def demonstrate(plan: Plan, portraits: dict[str, list[Path]], say: Callable[[str], None]) -> dict[str, object]:
    """Run a demonstration to its end.

    Args:
        portraits: pictures of each person (`provisioning.assets.portraits`).
        say: takes a line for whoever watches.

    Returns:
        The accounts, as one JSON object; `agrees` says whether everything is as it should be.

    Raises:
        CrewError: a program did not start.
    """
    began = anyio.current_time()
    rng = random.Random(plan.seed)  # noqa: S311  an invented crowd
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-demo-")))
        clinic = stack.enter_context(HealthOffice(WallClock()))
        show = Show(plan, folder, say, 0, clinic)
        await stack.enter_async_context(watched(show.programs))
        show.start_hub()
        say("inventing people, faces and papers")
        faces = await anyio.to_thread.run_sync(Faces, portraits, plan.seed)
        papers = await anyio.to_thread.run_sync(Papers, plan.seed)
        people = crowd(plan, len(faces))
        site = await show.build(stack)
        office = show.office()
        changes = CHANGES if any(v.act is Act.CHANGED for v in people.visitors) else 0
        await anyio.to_thread.run_sync(office.open, people.visitors, clinic.lists(), changes)
        await show.start_terminals(stack)
        refused = await refuse_bad_sites(folder, site)
        await show.in_service()
        say(f"{len(people.visitors)} people at the gate, {len(people.applicants)} at the desk")
        terminals = [program for program in show.programs if program is not show.cast.hub]
        killer = Killer(terminals + [show.cast.hub] * (plan.hub_down == "never"), plan.kill, rng)
        book = partial(show.book, "gate")
        day = Day(plan, show.cast, people, faces, papers, office, clinic, book, say, killer)
        await day.run()
        # What was killed last is back and has closed what it left open, before the books are read.
        await show.in_service()
        await show.drained()
        hub, gate_book, desk_book = show.hub_book(), show.book("gate"), show.book("desk")
        digests = {v.number: office.digest(v.number) for v in people.visitors}
        kills = killer.done.get("gate", 0) + day.cuts
        result = accounts.compare(hub, gate_book, desk_book, day.visited, day.applied, digests, kills=kills)
        replayed = await show.replayed()
        accounts.check_replays(replayed, len(gate_book.passages), result)
    seconds = round(anyio.current_time() - began, 1)
    return report(plan, people, hub, gate_book, desk_book, day.visited, day.applied, result) | {
        "kills": killer.done,
        "power_cuts": day.cuts,
        "appointments_changed_while_offline": day.changes,
        "replayed": replayed,
        "site_files_refused": sorted(refused),
        "seconds": seconds,
    }


async def live(
    ui: str,
    data: Path,
    portraits: dict[str, list[Path]],
    say: Callable[[str], None],
    port: int,
    *,
    training: bool = False,
) -> None:
    """Hub, gate, desk and people who come one after the other, until cancelled.

    Args:
        ui: see `Plan`.
        data: folder; kept.
        portraits: pictures of each person.
        say: takes a line for whoever watches.
        port: of the console.
        training: for staff who practise: the screens say so where they name the hall.
    """
    seed = int(WallClock().now().timestamp()) % 100_000
    plan = Plan(people=0, submissions=6, seed=seed, hub_down="never", ui=ui)
    rng = random.Random(seed)  # noqa: S311  an invented crowd
    async with AsyncExitStack() as stack:
        clinic = stack.enter_context(HealthOffice(WallClock()))
        hall_name = TRAINING_HALL if training else ""
        show = Show(plan, data, say, port, clinic, hall_name)
        await stack.enter_async_context(watched(show.programs))
        show.start_hub()
        await show.build(stack)
        await show.start_terminals(stack)
        await show.in_service()
        say(f"in service: console at http://localhost:{port}, Ctrl-C ends it. People (hall, id, password, role):")
        for line in await example_people(data / "hub", HALL):
            say(f"  {line}")
        faces = await anyio.to_thread.run_sync(Faces, portraits, seed)
        papers = await anyio.to_thread.run_sync(Papers, seed)
        say("people are coming")
        registry, office, cast = Registry(rng), show.office(), show.cast
        # No list is waited for here: whoever needs one, or a power cut, comes in the counted demonstration only.
        cases = sorted(SPONTANEOUS)

        async def gate_people() -> None:
            props = partial(props_of, office, clinic, faces, None)
            while cast.gate_street is not None and cast.at_gate is not None:
                case = rng.choice(cases) if rng.random() < 0.3 else GateCase.IN_ORDER
                who = visitor(registry, rng, len(faces), case)
                await visits(cast.gate_street, cast.at_gate, faces, [who], props, rng, 4.0)

        async def desk_people() -> None:
            while cast.desk_street is not None and cast.at_desk is not None:
                some = crowd(Plan(0, 6, rng.randrange(10**6)), len(faces)).applicants
                await errands(cast.desk_street, cast.at_desk, faces, papers, [rng.choice(some)], rng, 1.5)

        async with anyio.create_task_group() as group:
            group.start_soon(gate_people)
            group.start_soon(desk_people)
