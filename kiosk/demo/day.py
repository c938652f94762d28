"""The demonstration's day: act by act, with the hub away and programs killed as planned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.to_thread

from kiosk.demo.books import TerminalBook
from kiosk.demo.cases import CUT, Act, GateCase
from kiosk.demo.codes import Office
from kiosk.demo.desk_walk import Application, errands
from kiosk.demo.eyes import Eyes
from kiosk.demo.gate_walk import visits
from kiosk.demo.health import HealthOffice
from kiosk.demo.people import Crowd, Visitor
from kiosk.demo.plan import Plan
from kiosk.demo.stage_crew import CrewError, Killer, Program, hub_addresses
from kiosk.demo.street import DeskStreet, Faces, GateStreet, Papers
from kiosk.demo.visit import Props, Visit

SYNC_SECONDS = 120.0
"""Longest until a terminal goes by what the hub has published: it asks now and then, seldom after a long absence."""
_FILMS = {GateCase.ALIVE: "living", GateCase.PRINTED_PHOTO: "photograph", GateCase.SCREEN: "screen"}
_QUICK_REACTION, _REACTION = 0.15, 0.5
_PAUSE = 0.1


@dataclass
class Terminals:
    """The programs, their surroundings and screens, as far as they are there."""

    hub: Program
    gate: Program
    desk: Program
    gate_street: GateStreet | None = None
    desk_street: DeskStreet | None = None
    at_gate: Eyes | None = None
    at_desk: Eyes | None = None


def props_of(office: Office, clinic: HealthOffice, faces: Faces, cut: Program | None, visitor: Visitor) -> Props:
    """What a visitor brings along.

    Args:
        cut: whose power is cut.
    """

    async def power_goes() -> None:
        if cut is not None:
            await cut.kill()

    watched = visitor.act is Act.ALIVE
    return Props(
        code=office.code_of(visitor),
        proof=clinic.proof_of(visitor) if visitor.act in {Act.HEALTH, Act.ALIVE} else None,
        films=faces.film(_FILMS[visitor.case], visitor.person.face) if watched else None,
        cut_power=power_goes if visitor.case in CUT else None,
        service_breaks=clinic.break_down,
        service_mends=clinic.mend,
    )


@dataclass
class Day:
    """One day, from the first who comes to the last.

    Attributes:
        book: reads what the gate's store holds now.
        visited: what became of the gate's visitors.
        applied: what became of the desk's applicants.
        cuts: how often the gate lost its power as the script says.
        changes: how many appointments were changed while the terminals were offline.
    """

    plan: Plan
    terminals: Terminals
    people: Crowd
    faces: Faces
    papers: Papers
    office: Office
    clinic: HealthOffice
    book: Callable[[], TerminalBook]
    say: Callable[[str], None]
    killer: Killer
    visited: list[Visit] = field(default_factory=list)
    applied: list[Application] = field(default_factory=list)
    cuts: int = 0
    changes: int = 0

    async def run(self) -> None:
        """Let everybody do what they came for."""
        if self.plan.hub_down == "whole":
            await self.terminals.hub.stop()
        async with anyio.create_task_group() as outer:
            outer.start_soon(self.killer.run)
            async with anyio.create_task_group() as group:
                group.start_soon(self._at_the_gate)
                group.start_soon(self._at_the_desk)
            outer.cancel_scope.cancel()
        self._hub_is_back()

    def _hub_is_back(self) -> None:
        hub = self.terminals.hub
        if not hub.running and not hub.wanted:
            hub.start()

    # The desk -------------------------------------------------------------------------------------------------------

    async def _at_the_desk(self) -> None:
        street, eyes = self.terminals.desk_street, self.terminals.at_desk
        if street is not None and eyes is not None:
            rng = self.killer.rng
            self.applied += await errands(street, eyes, self.faces, self.papers, self.people.applicants, rng, 0.1)

    # The gate -------------------------------------------------------------------------------------------------------

    async def _at_the_gate(self) -> None:
        for act in Act:
            everybody = [v for v in self.people.visitors if v.act is act]
            if not everybody:
                continue
            self.say(f"{len(everybody)} people come: {act.value}")
            if act is Act.LEVEL_3:
                await self._first_act(everybody)
            else:
                if act is not Act.CHANGED:
                    await self._under_the_rules_of(act)
                await self._come(everybody)

    async def _first_act(self, everybody: Sequence[Visitor]) -> None:
        """Half of all people come while the hub is away; whoever cuts the power comes last, when it is back."""
        cutting = [v for v in everybody if v.case in CUT]
        others = [v for v in everybody if v.case not in CUT]
        with_hub = max(len(others) - len(self.people.visitors) // 2, 0)
        if self.plan.hub_down != "half":
            await self._come(others)
        else:
            await self._come(others[:with_hub])
            await self.terminals.hub.stop()
            await self._come(others[with_hub:])
        await self._appointments_change()
        await self._come(cutting)
        self.cuts += len(cutting)

    async def _appointments_change(self) -> None:
        """Thousands of appointments change; whatever was away comes back, and the gate knows of them."""
        if all(v.act is not Act.CHANGED for v in self.people.visitors):
            if self.plan.hub_down == "half" and any(v.act is not Act.LEVEL_3 for v in self.people.visitors):
                await self._hub_comes_back()
            return
        self.changes, upto = await anyio.to_thread.run_sync(self.office.change_many, self.people.visitors)
        self.say(f"{self.changes} appointments were changed")
        await self._hub_comes_back()
        await self._until(lambda book: book.appointments >= upto, f"the appointments up to change {upto}")

    async def _hub_comes_back(self) -> None:
        hub = self.terminals.hub
        if not hub.wanted:
            self._hub_is_back()
            await hub_addresses(self.office.data, hub)

    async def _under_the_rules_of(self, act: Act) -> None:
        version = await anyio.to_thread.run_sync(self.office.publish, act)
        await self._until(lambda book: book.rules >= version, f"rules version {version}")

    async def _until(self, there: Callable[[TerminalBook], bool], what: str) -> None:
        with anyio.move_on_after(SYNC_SECONDS):
            while not there(await anyio.to_thread.run_sync(self.book)):  # noqa: ASYNC110  another program's store
                await anyio.sleep(0.3)
            return
        raise CrewError(f"the gate does not get {what}:\n{self.terminals.gate.last_words()}")

    async def _come(self, visitors: Sequence[Visitor]) -> None:
        street, eyes = self.terminals.gate_street, self.terminals.at_gate
        if street is None or eyes is None:
            return
        props = partial(props_of, self.office, self.clinic, self.faces, self.terminals.gate)
        quick = self.plan.quick
        self.visited += await visits(
            street,
            eyes,
            self.faces,
            visitors,
            props,
            self.killer.rng,
            _PAUSE,
            reaction=_QUICK_REACTION if quick else _REACTION,
        )
