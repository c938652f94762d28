"""Looks after one device: opens it, gives it a lane of its own, notices when it leaves, and brings it back.

One call at a time, each with a deadline. A call past its deadline is abandoned: its thread is left to end by itself,
the driver is replaced by a new one, and health says `stuck`; the core goes on. Whatever a driver raises is contained
here.
"""

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from math import inf
from typing import Generic, TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread

from drivers.contract import Driver, Identity
from drivers.errors import (
    BadFrame,
    DeviceFault,
    DriverError,
    Effect,
    LinkError,
    NoAnswer,
    NotPresent,
    Remedy,
    WrongDevice,
)
from kiosk.devices.tally import Tally
from kiosk.log import logger

D = TypeVar("D")
T = TypeVar("T")

OPEN_SECONDS = 8.0
"""Longest an `open` may take."""
PROBE_SECONDS = 3.0
PROBE_EVERY = 2.0
"""Seconds without a call after which a sign of life is looked for."""
BACK_OFF = (0.2, 0.5, 1.0, 2.0)
"""Seconds between tries to open; the last repeats, so that a device is back within 5 s of its return."""
WRONG_TRIES = 15
"""So often, about half a minute, a device that was the right one and was not touched is opened anew though it answers
like another: after a stall of either side old answers are still on the wire. Then only after a change."""
BAD_FRAMES_IN_A_ROW = 3
"""So many, and the wire is opened anew."""


class State(StrEnum):
    """How a device is."""

    ABSENT = "absent"
    OPENING = "opening"
    READY = "ready"
    FAULT = "fault"
    """It answers, and says that it cannot, or it is the wrong one."""
    STUCK = "stuck"
    """A call did not come back."""


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """A device's health now, and what it has done since the program started.

    Attributes:
        code: of the last error, empty while it is ready; `fault` and `remedy` likewise.
        good: calls that succeeded.
        errors: calls that did not.
        notice: a fault that a ready device goes on with until somebody sees to it, e.g. `paper_out`, `black`.
        opened: how often it was opened; each time after the first it had been away.
        cycles: movements and prints that wear it out, as far as its calls tell.
        ready_seconds: how long it was in service.
        supplies: what it lives on, e.g. `paper` → `near_end`.
        identity: which device it is.
    """

    name: str
    driver: str
    state: State
    code: str = ""
    fault: str = ""
    remedy: str = ""
    proven_on: str = ""
    good: int = 0
    errors: int = 0
    notice: str = ""
    opened: int = 0
    cycles: int = 0
    ready_seconds: float = 0.0
    supplies: Mapping[str, str] = field(default_factory=dict)
    identity: Identity = field(default_factory=Identity)


@dataclass(slots=True)
class _Request(Generic[D]):
    work: Callable[[D], object]
    within: float
    done: anyio.Event = field(default_factory=anyio.Event)
    result: object = None
    error: DriverError | None = None


class _Reopen(Exception):
    """The driver has to be opened anew."""


class Device(Generic[D]):
    """A device behind its driver. `call` may be used by any task of the core; `run` is started once.

    Args:
        name: as in the site file.
        make: makes a new driver; called again whenever the last one had to be given up.
    """

    def __init__(self, name: str, make: Callable[[], Driver]) -> None:
        self.name = name
        self._make = make
        self._driver = make()
        self._limiter = anyio.CapacityLimiter(1)
        self._send, self._receive = anyio.create_memory_object_stream[_Request[D] | None](8)
        self._state = State.ABSENT
        self._changed = anyio.Event()
        self._hinted = anyio.Event()
        self._error: DriverError | None = None
        self._said: tuple[str, str] | None = None
        self._tally = Tally()
        self._notice = ""
        self._bad_frames = 0
        self._proven = False
        """It was the right one, and nothing was plugged in or out since."""
        self.identity = Identity()
        self._log = logger("device").bind(device=name, driver=self._driver.key)
        self.on_change: Callable[[], None] = lambda: None

    # What the core sees ------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """How it is now."""
        return self._state

    @property
    def ready(self) -> bool:
        """Whether a call would reach it."""
        return self._state is State.READY

    def report(self) -> DeviceReport:
        """Its health."""
        error = None if self.ready else self._error
        proof = self._driver.proven_on[-1].level.value if self._driver.proven_on else ""
        return DeviceReport(
            name=self.name,
            driver=self._driver.key,
            state=self._state,
            code=error.code if error else "",
            fault=error.fault if isinstance(error, DeviceFault) else "",
            remedy=error.remedy.value if error else "",
            proven_on=proof,
            good=self._tally.good,
            errors=self._tally.errors,
            notice=self._notice if self.ready else "",
            opened=self._tally.opened,
            cycles=self._tally.cycles,
            ready_seconds=self._tally.ready_seconds(anyio.current_time()),
            supplies=self._tally.supplies,
            identity=self.identity,
        )

    def hint(self) -> None:
        """Something changed where it is plugged in: look at once. Call in the core.

        While it is ready, a sign of life is looked for; while it is away it is opened, even if the wrong one was there.
        """
        self._proven = False
        hinted, self._hinted = self._hinted, anyio.Event()
        hinted.set()
        if self.ready:
            with contextlib.suppress(anyio.WouldBlock):  # a call waits: that is a sign of life too
                self._send.send_nowait(None)

    async def until_ready(self) -> None:
        """Wait until a call would reach it."""
        while not self.ready:
            await self._changed.wait()

    async def until_away(self) -> None:
        """Wait until no call would reach it."""
        while self.ready:
            await self._changed.wait()

    async def call(self, work: Callable[[D], T], within: float) -> T:
        """Do `work` with the driver, on its lane.

        Args:
            work: called with the driver, in the device's thread. Goes on to its end even if the caller is cancelled.
            within: seconds after which it is abandoned.

        Raises:
            DriverError: what the driver raised; `NotPresent` at once while the device is away.
        """
        if not self.ready:
            raise self._away()
        request: _Request[D] = _Request(cast("Callable[[D], object]", work), within)
        await self._send.send(request)
        await request.done.wait()
        if request.error is not None:
            raise request.error
        return cast("T", request.result)

    def _away(self) -> DriverError:
        if isinstance(self._error, (WrongDevice, DeviceFault)):
            return self._error
        return NotPresent(f"{self.name} is {self._state.value}")

    # Looking after it ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Supervise until cancelled; closes the driver at the end."""
        tries = 0
        try:
            while True:
                if await self._open():
                    tries = 0
                    await self._serve()
                await self._close()
                await self._refuse_waiting()
                # the wrong one is not tried again without a change: of the site file, or of what is plugged in
                wrong = isinstance(self._error, WrongDevice) and not (self._proven and tries < WRONG_TRIES)
                pause = inf if wrong else BACK_OFF[min(tries, len(BACK_OFF) - 1)]
                tries += 1
                with anyio.move_on_after(pause):
                    await self._hinted.wait()
                    tries = 0
        finally:
            with anyio.CancelScope(shield=True):
                await self._close()
            self._send.close()
            self._receive.close()

    def _set(self, state: State, error: DriverError | None = None) -> None:
        self._error = error
        if state is not self._state:
            self._tally.turn(anyio.current_time(), ready=state is State.READY)
            self._state = state
            changed, self._changed = self._changed, anyio.Event()
            changed.set()
            self.on_change()
        self._say(state, error)

    def _say(self, state: State, error: DriverError | None) -> None:
        """Log once when it leaves and once when it returns."""
        if state is State.READY and self._said != ("ready", ""):
            self._said = ("ready", "")
            self._log.info("in service", state=state.value, proven_on=self.report().proven_on)
        elif error is not None and (self._said is None or self._said[0] == "ready"):
            self._said = ("away", error.code)
            self._log.warning(
                "out of service", state=state.value, code=error.code, remedy=error.remedy.value, detail=error.detail
            )

    async def _open(self) -> bool:
        if self._state is not State.STUCK:
            self._set(State.OPENING if self._said is None else self._state, self._error)
        try:
            self.identity = await self._in_thread(self._driver.open, OPEN_SECONDS)
            self._tally.opened += 1
            self._notice = ""
            self._proven = True
        except DriverError as error:
            wrong = isinstance(error, (WrongDevice, DeviceFault))
            self._set(State.FAULT if wrong else State.STUCK if self._stuck(error) else State.ABSENT, error)
            return False
        self._bad_frames = 0
        self._set(State.READY)
        return True

    def _stuck(self, error: DriverError) -> bool:
        return isinstance(error, NoAnswer) and error.effect is Effect.UNKNOWN

    async def _serve(self) -> None:
        while True:
            request: _Request[D] | None = None
            with anyio.move_on_after(PROBE_EVERY):
                request = await self._receive.receive()
            try:
                if request is None:
                    await self._in_thread(self._driver.probe, PROBE_SECONDS)
                else:
                    driver = cast("D", self._driver)
                    request.result = await self._in_thread(partial(request.work, driver), request.within)
                    changed = self._tally.learn(request.result)
                    self._learn(changed=self._notices("") or changed)
                self._bad_frames = 0
                self._proven = True
            except DriverError as error:
                self._tally.errors += 1
                if isinstance(error, DeviceFault) and error.remedy is not Remedy.WAIT:
                    self._learn(changed=self._notices(error.fault))
                if request is not None:
                    request.error = error
                if not self._survives(error):
                    return
            finally:
                if request is not None:
                    request.done.set()

    def _learn(self, *, changed: bool) -> None:
        """Tell whoever wants to know that the report has changed."""
        if changed:
            self.on_change()

    def _notices(self, fault: str) -> bool:
        """Keep a fault that the device goes on with, such as a lack of paper; whether it is another one than before."""
        before, self._notice = self._notice, fault
        return before != fault

    def _survives(self, error: DriverError) -> bool:
        """Whether the driver can go on after an error, without being opened anew."""
        match error:
            case DeviceFault(remedy=Remedy.TECHNICIAN) | WrongDevice():
                self._set(State.FAULT, error)
                return False
            case DeviceFault():
                self._bad_frames = 0
                return True
            case BadFrame():
                self._bad_frames += 1
                if self._bad_frames < BAD_FRAMES_IN_A_ROW:
                    return True
                self._set(State.FAULT, error)
                return False
            case _:
                self._set(State.STUCK if self._stuck(error) else State.ABSENT, error)
                return False

    async def _in_thread(self, work: Callable[[], T], within: float) -> T:
        with anyio.move_on_after(within):
            try:
                return await anyio.to_thread.run_sync(work, limiter=self._limiter, abandon_on_cancel=True)
            except DriverError:
                raise
            except Exception as error:
                # A driver must not take its neighbours down: whatever escapes it is a fault for the technician.
                self._log.exception("the driver raised something that is no driver error", exc_info=error)
                raise DeviceFault(
                    "exception", type(error).__name__, remedy=Remedy.TECHNICIAN, effect=Effect.UNKNOWN
                ) from error
        # The thread may hold the limiter for ever: leave both, and the driver, behind.
        abandoned, self._driver, self._limiter = self._driver, self._make(), anyio.CapacityLimiter(1)
        await self._let_go(abandoned)
        raise NoAnswer(f"a call did not return within {within:.1f} s", effect=Effect.UNKNOWN)

    async def _close(self) -> None:
        await self._let_go(self._driver)

    async def _let_go(self, driver: Driver) -> None:
        def close() -> None:
            try:
                driver.close()
            except Exception as error:  # noqa: BLE001  closing a broken device may fail in any way
                logging.getLogger("device").debug("close failed: %s", type(error).__name__)

        with anyio.move_on_after(PROBE_SECONDS, shield=True):
            await anyio.to_thread.run_sync(close, abandon_on_cancel=True)

    async def _refuse_waiting(self) -> None:
        while True:
            try:
                request = self._receive.receive_nowait()
            except anyio.WouldBlock:
                return
            if request is not None:
                request.error = self._away()
                request.done.set()


def link_lost(error: DriverError) -> bool:
    """Whether an error means that the device has gone, rather than that it said no."""
    return isinstance(error, (NotPresent, LinkError, NoAnswer))
