"""The demonstration: hub, gate, desk and crowd, started, used, disturbed, and accounted for."""

import random
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from drivers.contract import Kind
from kiosk.clock import WallClock
from kiosk.demo import accounts as books
from kiosk.demo.codes import Office
from kiosk.demo.desk_walk import Application, errands
from kiosk.demo.eyes import Eyes, looking
from kiosk.demo.gate_walk import Visit, visits
from kiosk.demo.people import Crowd, GateCase, Registry, crowd, visitor
from kiosk.demo.stage_crew import CrewError, Killer, Program, enrol, hub_addresses, refuse_bad_sites, watched
from kiosk.demo.street import DeskStreet, Faces, GateStreet, Papers, site_file
from kiosk.link.identity import is_enrolled
from kiosk.view import desk, gate
from kiosk.wire.rules import Verdict

START_SECONDS = 60.0
DRAIN_SECONDS = 90.0
"""Longest a terminal may take to deliver everything after the hub is back."""

QUICK = {
    "gate": {
        "face_seconds": 6.0,
        "temperature_seconds": 3.0,
        "code_seconds": 6.0,
        "pass_seconds": 6.0,
        "result_seconds": 0.8,
    },
    "desk": {"result_seconds": 0.5},
}
"""A demonstration nobody watches: the same machine, with people who read faster."""


@dataclass(frozen=True)
class Plan:
    """What to demonstrate.

    Attributes:
        kill: how many times a program is killed with SIGKILL while the crowd is there.
        hub_down: `never`, `half` (the second half of the crowd) or `whole` (the whole crowd); it comes back afterwards.
        ui: `none`, `offscreen` or `window` for both terminals.
        drivers: other models than the default ones, by kind.
        plain: nothing is wrong with anybody.
    """

    people: int
    submissions: int
    seed: int
    kill: int = 0
    hub_down: str = "half"
    ui: str = "none"
    drivers: Mapping[Kind, str] = field(default_factory=dict)
    plain: bool = False


class _Show:
    """One demonstration in one folder."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None], console_port: int) -> None:
        self._plan, self._folder, self._say = plan, folder, say
        self._hub_data = folder / "hub"
        self._terminal_port = _free_port() if console_port == 0 else 8443
        self._console_port = console_port
        self.hub = Program(
            "hub", folder / "hub.log", "hub", "serve", "--data", str(self._hub_data),
            "--console-port", str(console_port), "--terminal-port", str(self._terminal_port),
        )  # fmt: skip
        self.gate = self._terminal("gate")
        self.desk = self._terminal("desk")
        self.rng = random.Random(plan.seed)  # noqa: S311  an invented crowd

    def _terminal(self, role: str) -> Program:
        site = self._folder / role / "site.toml"
        return Program(
            role,
            self._folder / f"{role}.log",
            "kiosk",
            "run",
            "--site",
            str(site),
            "--role",
            role,
            "--ui",
            self._plan.ui,
        )

    def sockets(self) -> tuple[Path, Path]:
        """Where the two screens are watched."""
        return self._folder / "gate" / "view.sock", self._folder / "desk" / "view.sock"

    def start_hub(self) -> None:
        """Start the hub; it comes up while other things are prepared."""
        self._say("starting the hub")
        (self._hub_data / "serving.json").unlink(missing_ok=True)  # of an earlier run
        self.hub.start()

    async def start_terminals(self, gate_street: GateStreet, desk_street: DeskStreet) -> str:
        """Enrol both terminals where they are not yet, and start them.

        Returns:
            The gate's site file.
        """
        quick = QUICK if self._console_port == 0 else {"gate": {}, "desk": {}}
        sites = {
            "gate": site_file("gate", "gate-1", gate_street.all, quick["gate"]),
            "desk": site_file("desk", "desk-1", desk_street.all, quick["desk"]),
        }
        await hub_addresses(self._hub_data, self.hub)
        async with anyio.create_task_group() as group:
            for role, text in sites.items():
                folder = self._folder / role
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "site.toml").write_text(text, encoding="utf-8")
                if not is_enrolled(folder / "identity"):
                    self._say(f"enrolling the {role}")
                    group.start_soon(enrol, self._hub_data, f"{role}-1", role, folder / "identity")
        self.gate.start()
        self.desk.start()
        return sites["gate"]

    async def in_service(self, at_gate: Eyes, at_desk: Eyes) -> None:
        """Wait until both terminals serve."""
        self._say("waiting for both terminals")
        with anyio.move_on_after(START_SECONDS):
            await at_gate.until(lambda state: isinstance(state, gate.Welcome))
            await at_desk.until(lambda state: isinstance(state, desk.Start))
            return
        words = "\n".join(f"--- {p.name}\n{p.last_words()}" for p in (self.hub, self.gate, self.desk))
        raise CrewError(f"the terminals do not come into service:\n{words}")

    async def drained(self) -> None:
        """Wait until nothing waits in either outbox."""
        self._say("waiting until the hub has everything")
        with anyio.move_on_after(DRAIN_SECONDS):
            while True:
                held = [await anyio.to_thread.run_sync(partial(self.terminal_book, role)) for role in ("gate", "desk")]
                if not any(book.waiting for book in held):
                    return
                await anyio.sleep(0.3)

    def terminal_book(self, role: str) -> books.TerminalBook:
        """What a terminal's store holds now."""
        return books.read_terminal(self._folder / role / "data" / role)

    def hub_book(self) -> books.HubBook:
        """What the hub holds now."""
        return books.read_hub(self._hub_data)

    def office(self) -> Office:
        """The appointment office."""
        return Office(self._hub_data, "weinan")


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
    with tempfile.TemporaryDirectory(prefix="kiosk-demo-") as name:
        folder = Path(name)
        say("inventing people, faces and papers")
        faces = await anyio.to_thread.run_sync(Faces, portraits, plan.seed)
        papers = await anyio.to_thread.run_sync(Papers, plan.seed)
        people = crowd(plan.people, plan.submissions, plan.seed, len(faces), plain=plan.plain)
        async with AsyncExitStack() as stack:
            show = _Show(plan, folder, say, console_port=0)
            await stack.enter_async_context(watched([show.hub, show.gate, show.desk]))
            show.start_hub()
            gate_street = GateStreet(folder / "wires" / "gate", plan.drivers)
            stack.callback(gate_street.close)
            desk_street = DeskStreet(folder / "wires" / "desk", plan.drivers)
            stack.callback(desk_street.close)
            site = await show.start_terminals(gate_street, desk_street)
            refused = await refuse_bad_sites(folder, site)
            gate_socket, desk_socket = show.sockets()
            at_gate = await stack.enter_async_context(looking(gate_socket))
            at_desk = await stack.enter_async_context(looking(desk_socket))
            await show.in_service(at_gate, at_desk)
            say(f"{plan.people} people at the gate, {plan.submissions} at the desk")
            done = await _crowd_works(plan, show, people, (gate_street, at_gate), (desk_street, at_desk), faces, papers)
            # What was killed last is back and has closed what it left open, before the books are read.
            await show.in_service(at_gate, at_desk)
            await show.drained()
            visited, applied, killed = done
            office = show.office()
            hub, gate_book, desk_book = show.hub_book(), show.terminal_book("gate"), show.terminal_book("desk")
        digests = {v.person.number: office.digest(v.person.number) for v in people.visitors}
        result = books.compare(hub, gate_book, desk_book, visited, applied, digests, kills=killed["gate"])
        seconds = round(anyio.current_time() - began, 1)
        return _report(plan, people, hub, gate_book, desk_book, visited, applied, result) | {
            "kills": killed,
            "site_files_refused": sorted(refused),
            "seconds": seconds,
        }


async def _crowd_works(
    plan: Plan,
    show: _Show,
    people: Crowd,
    at_gate: tuple[GateStreet, Eyes],
    at_desk: tuple[DeskStreet, Eyes],
    faces: Faces,
    papers: Papers,
) -> tuple[list[Visit], list[Application], dict[str, int]]:
    """Let everybody do what they came for, with the hub away and programs killed as planned."""
    office = show.office()
    visited: list[Visit] = []
    applied: list[Application] = []
    half = len(people.visitors) // 2
    killer = Killer([show.gate, show.desk] + [show.hub] * (plan.hub_down == "never"), plan.kill, show.rng)

    async def at_the_gate() -> None:
        for part in (people.visitors[:half], people.visitors[half:]):
            visited.extend(await visits(*at_gate, faces, part, office.code_of, show.rng, 0.3))
            if part is people.visitors[:half] or len(visited) == half:
                first_half.set()

    async def at_the_desk() -> None:
        applied.extend(await errands(*at_desk, faces, papers, people.applicants, show.rng, 0.1))

    async def hub_away() -> None:
        if plan.hub_down == "half":
            await first_half.wait()
        if plan.hub_down != "never":
            await show.hub.stop()

    first_half = anyio.Event()
    async with anyio.create_task_group() as outer:
        outer.start_soon(hub_away)
        outer.start_soon(killer.run)
        async with anyio.create_task_group() as group:
            group.start_soon(at_the_gate)
            group.start_soon(at_the_desk)
        outer.cancel_scope.cancel()
    if not show.hub.running and not show.hub.wanted:
        show.hub.start()
    return visited, applied, killer.done


def _report(
    plan: Plan,
    people: Crowd,
    hub: books.HubBook,
    gate_book: books.TerminalBook,
    desk_book: books.TerminalBook,
    visited: list[Visit],
    applied: list[Application],
    result: books.Accounts,
) -> dict[str, object]:
    verdicts = [verdict for verdict, _ in gate_book.passages.values()]
    reasons: dict[str, int] = {}
    for passage in hub.passages.values():
        for reason in passage.decision.reasons:
            reasons[reason.value] = reasons.get(reason.value, 0) + 1
    cases: dict[str, int] = {}
    for case in [*(v.case.value for v in people.visitors), *(f"desk_{a.case.value}" for a in people.applicants)]:
        cases[case] = cases.get(case, 0) + 1
    if plan.hub_down != "never":
        cases[f"hub_down_for_the_{plan.hub_down}"] = 1
    back = [v.back_ms for v in visited if v.back_ms is not None]
    return {
        "agrees": not result.differences,
        "people": len(people.visitors),
        "passages": len(gate_book.passages),
        "admitted": verdicts.count(Verdict.ADMIT.value),
        "refused": verdicts.count(Verdict.REFUSE.value),
        "referred": verdicts.count(Verdict.REFER.value),
        "reasons": dict(sorted(reasons.items())),
        "submissions": len(desk_book.submissions),
        "receipts": sum(bool(a.receipt) for a in applied),
        "receipts_printed": sum("printed" in a.receipt for a in applied),
        "hub_passages": len(hub.passages),
        "hub_submissions": len(hub.submissions),
        "lost": result.lost,
        "duplicated": result.duplicated,
        "phases": books.phases(hub),
        "cases": dict(sorted(cases.items())),
        "interrupted": sum(v.interrupted for v in visited) + sum(a.interrupted for a in applied),
        "reader_back_ms": back,
        "differences": result.differences,
        "seed": plan.seed,
    }


async def live(ui: str, data: Path, portraits: dict[str, list[Path]], say: Callable[[str], None], port: int) -> None:
    """Hub, gate, desk and people who come one after the other, until cancelled."""
    seed = int(WallClock().now().timestamp()) % 100_000
    plan = Plan(people=0, submissions=0, seed=seed, hub_down="never", ui=ui)
    async with AsyncExitStack() as stack:
        show = _Show(plan, data, say, console_port=port)
        await stack.enter_async_context(watched([show.hub, show.gate, show.desk]))
        show.start_hub()
        gate_street = GateStreet(data / "wires" / "gate")
        stack.callback(gate_street.close)
        desk_street = DeskStreet(data / "wires" / "desk")
        stack.callback(desk_street.close)
        await show.start_terminals(gate_street, desk_street)
        gate_socket, desk_socket = show.sockets()
        at_gate = await stack.enter_async_context(looking(gate_socket))
        at_desk = await stack.enter_async_context(looking(desk_socket))
        await show.in_service(at_gate, at_desk)
        say(f"in service: console at http://localhost:{port}, Ctrl-C ends it")
        faces = await anyio.to_thread.run_sync(Faces, portraits, seed)
        papers = await anyio.to_thread.run_sync(Papers, seed)
        say("people are coming")
        registry, rng, office = Registry(show.rng), show.rng, show.office()

        async def gate_people() -> None:
            while True:
                case = rng.choice(tuple(GateCase)) if rng.random() < 0.3 else GateCase.IN_ORDER
                await visits(
                    gate_street, at_gate, faces, [visitor(registry, rng, len(faces), case)], office.code_of, rng, 4.0
                )

        async def desk_people() -> None:
            while True:
                some = crowd(0, 6, rng.randrange(10**6), len(faces)).applicants
                await errands(desk_street, at_desk, faces, papers, [rng.choice(some)], rng, 1.5)

        async with anyio.create_task_group() as group:
            group.start_soon(gate_people)
            group.start_soon(desk_people)
