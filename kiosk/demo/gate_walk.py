"""A visitor at the gate: what they do when they see what the screen says."""

import random
from collections.abc import Callable, Sequence
from functools import partial

import anyio
import anyio.to_thread

from drivers.simulate.contract import Garble, Simulator
from kiosk.clock import Clock, WallClock
from kiosk.demo.cases import GateCase
from kiosk.demo.eyes import Eyes, TerminalGone
from kiosk.demo.passing import REACTION_SECONDS, Passing
from kiosk.demo.passports import zone_of
from kiosk.demo.people import Visitor
from kiosk.demo.street import Faces, GateStreet, Picture, card_of
from kiosk.demo.visit import Props, Visit
from kiosk.view import gate as view
from kiosk.view.common import CallStaff, CardProblem
from kiosk.view.screen import State

RETURN_SECONDS = 5.0
"""A device that was plugged in again has to be back in service within this."""
STUCK_SECONDS = 90.0
"""After so long without an end a person gives up, and the demonstration says so."""
DRINK_SECONDS = 0.8
"""For which the hot drink is held up."""
SUN_C = 41.0
_GARBLE = {
    GateCase.GARBAGE_ON_EVERY_WIRE: Garble.GARBAGE,
    GateCase.TRUNCATED_FRAMES: Garble.TRUNCATED,
    GateCase.SPLIT_FRAMES: Garble.SPLIT,
    GateCase.WRONG_CHECKSUMS: Garble.CHECKSUM,
}
_UNSTEADY_C = 4.0
"""Spread of what a thermometer sees of a cup that is moved about."""


class Walk:
    """One person's visit.

    Args:
        reaction: seconds from hearing the lock to the first step.
    """

    def __init__(
        self,
        street: GateStreet,
        eyes: Eyes,
        faces: Faces,
        visitor: Visitor,
        props: Props,
        *,
        clock: Clock | None = None,
        reaction: float = REACTION_SECONDS,
    ) -> None:
        self._street, self._eyes, self._faces, self._props = street, eyes, faces, props
        self._visitor = visitor
        self._case = visitor.case
        self._clock = clock or WallClock()
        now = self._clock.now()
        self.visit = Visit(visitor, now, now)
        self._unplugged: list[Simulator] = []
        self._once: set[str] = set()
        self._film: object = None
        self._passing = Passing(street.barrier, self.visit, props, reaction)

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
        self.visit.ended = self._clock.now()
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
        self._present()
        state: State | None = eyes.state
        while True:
            if state is not None and await self._react(state):
                return
            state = await eyes.after(state, generation)

    async def _react(self, state: State) -> bool:
        """Do what the screen asks for. Whether the visit is over."""
        match state:
            case view.Admitted():
                self._street.scanner.hide()
                await self._passing.go()
                return True
            case view.Refused():
                self.visit.told.append("refused")
                return True
            case view.Referred():
                self.visit.told.append("referred")
                return True
            case _:
                await self._do_as_asked(state)
                return False

    async def _do_as_asked(self, state: State) -> None:
        match state:
            case view.Welcome(problem=problem) if problem is not CardProblem.NONE:
                await self._lay_again()
            case view.ReadingCard() if self._case is GateCase.READER_UNPLUGGED:
                self._unplug(self._street.reader)
            case view.LookAtCamera():
                await self._before_camera(state)
            case view.FollowMovement(movement=movement) if self._props.films is not None:
                await self._show_film(self._props.films.of(movement))
            case view.WearMask() if self._case is not GateCase.NO_MASK and self._first("mask"):
                await self._show_film(await anyio.to_thread.run_sync(self._faces.masked, self._visitor.person.face))
            case view.TakingTemperature(again=again):
                await self._before_thermometer(again=again)
            case view.ShowCode():
                self._before_scanner(self._props.code)
            case view.ShowHealth():
                if self._case is GateCase.UNREACHABLE and self._props.service_breaks is not None:
                    self._props.service_breaks()
                self._before_scanner(self._props.proof)
            case _:
                pass

    def _scene(self) -> tuple[Picture, ...]:
        face = self._visitor.person.face
        if self._props.films is not None:
            return self._props.films.ahead
        match self._case:
            case GateCase.FRIEND_LEAVES | GateCase.FRIEND_STAYS | GateCase.CHILD_WITH_PARENT:
                return self._faces.with_friend(face)
            case GateCase.NO_FACE:
                return self._faces.nobody()
            case GateCase.OTHER_FACE:
                return self._faces.alone((face + 1) % len(self._faces))
            case _:
                return self._faces.alone(face)

    def _present(self) -> None:
        """Say who it is: by the card, or by a code."""
        if self._case is GateCase.CODE_FOR_A_CARD and self._props.code is not None:
            self._street.scanner.show(self._props.code)
        elif self._case is GateCase.PASSPORT:
            self._street.scanner.show(zone_of(self._visitor))
        else:
            self._lay()

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

    async def _before_camera(self, state: view.LookAtCamera) -> None:
        if self._first("camera"):
            self._garble(self._street.camera)
            if self._case is GateCase.CAMERA_UNPLUGGED:
                self._unplug(self._street.camera)
            if self._case is GateCase.ASKS_FOR_STAFF:
                await self._eyes.touch(CallStaff())
        leaves = self._case in {GateCase.FRIEND_LEAVES, GateCase.CHILD_WITH_PARENT}
        if leaves and state.hint is view.FaceHint.ONE_AT_A_TIME and self._first("alone"):
            self._street.camera.scene = self._faces.alone(self._visitor.person.face)

    async def _show_film(self, film: tuple[Picture, ...]) -> None:
        """Put a scene before the camera, unless it is there already: it would begin anew."""
        if film is not self._film:
            self._film = film

            def put() -> None:
                self._street.camera.scene = film

            await anyio.to_thread.run_sync(put)

    async def _before_thermometer(self, *, again: bool) -> None:
        thermometer = self._street.thermometer
        if again and self._case is GateCase.UNSURE_THEN_NORMAL and self._first("again"):
            thermometer.object_c = 36.5
        if not self._first("thermometer"):
            return
        self._garble(thermometer)
        match self._case:
            case GateCase.THERMOMETER_UNPLUGGED:
                self._unplug(thermometer)
            case GateCase.SUN:
                thermometer.ambient_c = SUN_C
            case GateCase.HOT_DRINK:
                await self._drink()
            case GateCase.NEVER_SETTLES:
                thermometer.sway_c = _UNSTEADY_C
            case _:
                pass

    async def _drink(self) -> None:
        """Hold a cup of tea before the thermometer, and take it away."""
        thermometer = self._street.thermometer
        thermometer.object_c, thermometer.sway_c = 61.0, _UNSTEADY_C
        await anyio.sleep(DRINK_SECONDS)
        thermometer.object_c, thermometer.sway_c = self._visitor.temperature_c, 0.0

    def _before_scanner(self, payload: bytes | None) -> None:
        if self._first("scanner"):
            self._garble(self._street.scanner)
            self._garble(self._street.barrier)
            self._passing.expected()
        if payload is not None:
            self._street.scanner.show(payload)

    # Afterwards ----------------------------------------------------------------------------------------------------

    async def _leave(self) -> None:
        """Take everything along, and plug in again what was unplugged."""
        street = self._street
        street.reader.take_away()
        street.scanner.hide()
        thermometer = street.thermometer
        thermometer.object_c, thermometer.sway_c = 24.0, 0.0
        if self._case is GateCase.SUN:  # shaded, and begins anew: else it is some minutes until it is steady again
            thermometer.ambient_c = 22.0
            self._unplug(thermometer)
        if self._case is GateCase.UNREACHABLE and self._props.service_mends is not None:
            self._props.service_mends()
        self._film = None
        street.camera.scene = self._faces.nobody()
        if self._unplugged:
            await self._plug_in()

    async def _plug_in(self) -> None:
        street = self._street
        began = anyio.current_time()
        generation = self._eyes.generation
        for device in self._unplugged:
            await anyio.to_thread.run_sync(device.replug)
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
    visitors: Sequence[Visitor],
    props_of: Callable[[Visitor], Props],
    rng: random.Random,
    pause: float,
    *,
    reaction: float = REACTION_SECONDS,
) -> list[Visit]:
    """One after the other, as at any turnstile.

    Args:
        props_of: makes what a visitor brings along.
        pause: longest time between two people, in seconds.
    """
    done: list[Visit] = []
    for visitor in visitors:
        props = await anyio.to_thread.run_sync(partial(props_of, visitor))
        done.append(await Walk(street, eyes, faces, visitor, props, reaction=reaction).go())
        await anyio.sleep(rng.uniform(0.0, pause))
    return done
