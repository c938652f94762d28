"""A visitor at the gate: what they do when they see what the screen says."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.to_thread

from drivers.simulate.contract import Garble, Simulator
from kiosk.demo.eyes import Eyes, TerminalGone
from kiosk.demo.people import GateCase, Visitor
from kiosk.demo.street import Faces, GateStreet, Picture, card_of
from kiosk.view import gate as view
from kiosk.view.common import CardProblem
from kiosk.view.screen import State

RETURN_SECONDS = 5.0
"""A device that was plugged in again has to be back in service within this."""
WALK_WITHIN = 8.0
STUCK_SECONDS = 90.0
"""After so long without an end a person gives up, and the demonstration says so."""
REACTION_SECONDS = 0.5
"""From hearing the lock to the first step. Nobody is faster."""
_GARBLE = {
    GateCase.GARBAGE_ON_EVERY_WIRE: Garble.GARBAGE,
    GateCase.TRUNCATED_FRAMES: Garble.TRUNCATED,
    GateCase.SPLIT_FRAMES: Garble.SPLIT,
    GateCase.WRONG_CHECKSUMS: Garble.CHECKSUM,
}


@dataclass
class Visit:
    """What became of a visit, as the visitor saw it.

    Attributes:
        told: what the screens said at the end of each try: `admitted`, `refused` or `referred`.
        walked: how often this person went through the turnstile.
        interrupted: how often the terminal went away in the middle.
        stuck_at: what stood on the screen when the visitor gave up.
        back_ms: how long a device needed from being plugged in until the gate served again.
    """

    visitor: Visitor
    told: list[str] = field(default_factory=list)
    walked: int = 0
    interrupted: int = 0
    back_ms: float | None = None
    stuck_at: str = ""


class Walk:
    """One person's visit."""

    def __init__(self, street: GateStreet, eyes: Eyes, faces: Faces, visitor: Visitor, code: bytes | None) -> None:
        self._street, self._eyes, self._faces, self._code = street, eyes, faces, code
        self._visitor = visitor
        self._case = visitor.case
        self.visit = Visit(visitor)
        self._unplugged: list[Simulator] = []
        self._once: set[str] = set()

    async def go(self) -> Visit:
        """Try until it is over: somebody whose machine goes dark lays the card down again when it is back."""
        while not self.visit.told or self.visit.told[-1] == "not_released":
            try:
                with anyio.fail_after(STUCK_SECONDS):
                    await self._try()
            except TimeoutError:
                # Nobody waits for ever: it is told at the end, with what stood on the screen.
                self.visit.told.append("stuck")
                self.visit.stuck_at = str(self._eyes.state)[:200]
            except TerminalGone:
                self.visit.interrupted += 1
                if self.visit.walked:
                    break
            finally:
                await self._leave()
        return self.visit

    # One try -------------------------------------------------------------------------------------------------------

    async def _try(self) -> None:
        eyes, street = self._eyes, self._street
        await eyes.until(lambda state: isinstance(state, view.Welcome))
        generation = eyes.generation
        self._once = set()
        street.camera.scene = self._scene()
        street.thermometer.object_c = self._visitor.temperature_c
        self._garble(street.reader)
        if self._case is GateCase.CARD_TAKEN_MID_READ:
            street.reader.snatch()
        if self._case is GateCase.READER_UNPLUGGED:
            street.reader.hang(0.8)  # slow enough to be caught in the middle
        self._lay()
        state: State | None = eyes.state
        while True:
            if state is not None and await self._react(state):
                return
            state = await eyes.after(state, generation)

    async def _react(self, state: State) -> bool:
        """Do what the screen asks for. Whether the visit is over."""
        match state:
            case view.Welcome(problem=problem) if problem is not CardProblem.NONE:
                await self._lay_again()
            case view.ReadingCard() if self._case is GateCase.READER_UNPLUGGED:
                self._unplug(self._street.reader)
            case view.LookAtCamera():
                self._before_camera(state)
            case view.TakingTemperature():
                self._before_thermometer()
            case view.ShowCode():
                self._before_scanner()
            case view.Admitted():
                await self._through()
                return True
            case view.Refused():
                self.visit.told.append("refused")
                return True
            case view.Referred():
                self.visit.told.append("referred")
                return True
            case _:
                pass
        return False

    def _scene(self) -> tuple[Picture, ...]:
        face = self._visitor.person.face
        match self._case:
            case GateCase.FRIEND_LEAVES | GateCase.FRIEND_STAYS:
                return self._faces.with_friend(face)
            case GateCase.NO_FACE:
                return self._faces.nobody()
            case GateCase.OTHER_FACE:
                return self._faces.alone((face + 1) % len(self._faces))
            case _:
                return self._faces.alone(face)

    def _lay(self) -> None:
        person = self._visitor.person
        card = card_of(person, self._faces.photo(person.face), expired=self._case is GateCase.EXPIRED_CARD)
        self._street.reader.lay(card)

    async def _lay_again(self) -> None:
        self._street.reader.take_away()
        await anyio.sleep(0.4)
        self._lay()

    def _first(self, what: str) -> bool:
        """Whether this is the first time in this try."""
        if what in self._once:
            return False
        self._once.add(what)
        return True

    def _garble(self, device: Simulator) -> None:
        how = _GARBLE.get(self._case)
        if how is not None:
            device.garble(how)

    def _unplug(self, device: Simulator) -> None:
        if device not in self._unplugged:
            device.unplug()
            self._unplugged.append(device)

    def _before_camera(self, state: view.LookAtCamera) -> None:
        if self._first("camera"):
            self._garble(self._street.camera)
            if self._case is GateCase.CAMERA_UNPLUGGED:
                self._unplug(self._street.camera)
        if self._case is GateCase.FRIEND_LEAVES and state.hint is view.FaceHint.ONE_AT_A_TIME and self._first("alone"):
            self._street.camera.scene = self._faces.alone(self._visitor.person.face)

    def _before_thermometer(self) -> None:
        if self._first("thermometer"):
            self._garble(self._street.thermometer)
            if self._case is GateCase.THERMOMETER_UNPLUGGED:
                self._unplug(self._street.thermometer)

    def _before_scanner(self) -> None:
        if self._first("scanner"):
            self._garble(self._street.scanner)
            self._garble(self._street.barrier)
            if self._code is not None:
                self._street.scanner.show(self._code)

    async def _through(self) -> None:
        """Walk when the turnstile lets go."""
        barrier = self._street.barrier
        self._street.scanner.hide()
        released = await anyio.to_thread.run_sync(barrier.wait_released, WALK_WITHIN, abandon_on_cancel=True)
        if not released:
            self.visit.told.append("not_released")
            return
        await anyio.sleep(REACTION_SECONDS)
        steps: dict[GateCase, Callable[[], bool]] = {
            GateCase.TURNS_BACK: barrier.turn_back,
            GateCase.TAILGATED: barrier.tailgate,
        }
        walked = await anyio.to_thread.run_sync(steps.get(self._case, barrier.walk_through))
        self.visit.walked += walked
        self.visit.told.append("admitted" if walked else "not_released")

    # Afterwards ----------------------------------------------------------------------------------------------------

    async def _leave(self) -> None:
        """Take everything along, and plug in again what was unplugged."""
        street = self._street
        street.reader.take_away()
        street.scanner.hide()
        street.thermometer.object_c = 24.0
        street.camera.scene = self._faces.nobody()
        if not self._unplugged:
            return
        began = anyio.current_time()
        for device in self._unplugged:
            await anyio.to_thread.run_sync(device.replug)
        generation = self._eyes.generation
        only_reader = self._unplugged == [street.reader]
        self._unplugged.clear()
        try:
            with anyio.move_on_after(RETURN_SECONDS):
                await self._eyes.until(lambda state: isinstance(state, view.Welcome), generation)
                if only_reader:
                    self.visit.back_ms = round((anyio.current_time() - began) * 1000, 1)
        except TerminalGone:
            return
        # Nobody sees whether a thermometer or a camera is back; the next person is let in only if it is.
        await anyio.sleep(max(0.0, RETURN_SECONDS - 1.0 - (anyio.current_time() - began)))


async def visits(
    street: GateStreet,
    eyes: Eyes,
    faces: Faces,
    visitors: list[Visitor],
    code_of: Callable[[Visitor], bytes | None],
    rng: random.Random,
    pause: float,
) -> list[Visit]:
    """One after the other, as at any turnstile.

    Args:
        code_of: makes the code a visitor shows.
        pause: longest time between two people, in seconds.
    """
    done: list[Visit] = []
    for visitor in visitors:
        code = await anyio.to_thread.run_sync(partial(code_of, visitor))
        done.append(await Walk(street, eyes, faces, visitor, code).go())
        await anyio.sleep(rng.uniform(0.0, pause))
    return done
