import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

import anyio
import pytest

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
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
from kiosk.devices import supervisor
from kiosk.devices.reach import patiently
from kiosk.devices.supervisor import Device, State

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Bench:
    """The state of a device, and how it is to misbehave."""

    def __init__(self) -> None:
        self.plugged = True
        self.fail: list[Exception] = []
        self.open_fail: list[Exception] = []
        self.hang = threading.Event()
        self.hanging = False
        self.opened = 0
        self.closed = 0
        self.busy = 0
        self.most_busy = 0
        self.probed = 0


class Wobbly(Driver):
    key: ClassVar[str] = "thermometer/wobbly"
    kind: ClassVar[Kind] = Kind.THERMOMETER
    options: ClassVar[type[Options]] = Options
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "this test"),)

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def open(self) -> Identity:
        if self.bench.open_fail:
            raise self.bench.open_fail.pop(0)
        if not self.bench.plugged:
            raise NotPresent("unplugged")
        self.bench.opened += 1
        return Identity(model="wobbly")

    def probe(self) -> None:
        self.bench.probed += 1
        if not self.bench.plugged:
            raise LinkError("unplugged")

    def close(self) -> None:
        self.bench.closed += 1

    def measure(self) -> int:
        self.bench.busy += 1
        self.bench.most_busy = max(self.bench.most_busy, self.bench.busy)
        try:
            if self.bench.hanging:
                self.bench.hang.wait(30)
            if self.bench.fail:
                raise self.bench.fail.pop(0)
            if not self.bench.plugged:
                raise LinkError("unplugged")
            time.sleep(0.002)
            return 36
        finally:
            self.bench.busy -= 1


def measure(driver: Wobbly) -> int:
    return driver.measure()


@asynccontextmanager
async def supervised(bench: Bench) -> AsyncIterator[Device[Wobbly]]:
    device: Device[Wobbly] = Device("thermometer", lambda: Wobbly(bench))
    try:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(device.run)
                yield device
                group.cancel_scope.cancel()
    finally:
        bench.hang.set()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await anyio.sleep(0.01)


async def test_a_device_is_opened_and_answers() -> None:
    async with supervised(Bench()) as device:
        await device.until_ready()
        assert await device.call(measure, 1.0) == 36
        report = device.report()
        assert (report.state, report.good, report.errors, report.proven_on) == (State.READY, 1, 0, "simulator")
        assert device.identity.model == "wobbly"


async def test_calls_of_many_tasks_go_one_by_one() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(device.call, measure, 5.0)
        assert bench.most_busy == 1


async def test_what_is_away_says_so_at_once_and_comes_back() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        bench.plugged = False
        with pytest.raises(LinkError):
            await device.call(measure, 1.0)
        with pytest.raises(NotPresent):
            await device.call(measure, 1.0)
        assert device.report().code in {"link", "not_present"}
        bench.plugged = True
        with anyio.fail_after(5):  # the issue's own bound
            await device.until_ready()
        assert await device.call(measure, 1.0) == 36


async def test_an_idle_device_is_looked_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PROBE_EVERY", 0.05)
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        await until(lambda: bench.probed >= 2)
        bench.plugged = False
        await device.until_away()
        assert device.state is State.ABSENT


async def test_a_call_that_never_returns_is_abandoned_and_the_device_comes_back() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        bench.hanging = True
        with pytest.raises(NoAnswer) as error:
            await device.call(measure, 0.1)
        assert error.value.effect is Effect.UNKNOWN
        await until(lambda: device.state in {State.STUCK, State.READY})
        bench.hanging = False
        await device.until_ready()
        assert await device.call(measure, 1.0) == 36
        assert bench.opened == 2


async def test_stuck_is_what_health_says() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        bench.hanging = True
        bench.open_fail = [NotPresent("not yet")] * 1
        states: list[State] = []
        device.on_change = lambda: states.append(device.state)
        with pytest.raises(NoAnswer):
            await device.call(measure, 0.1)
        await until(lambda: State.STUCK in states)


async def test_an_exception_that_is_no_driver_error_is_contained() -> None:
    bench = Bench()
    bench.fail = [ZeroDivisionError("a bug in the driver")]
    async with supervised(bench) as device:
        await device.until_ready()
        with pytest.raises(DeviceFault) as error:
            await device.call(measure, 1.0)
        assert (error.value.fault, error.value.remedy) == ("exception", Remedy.TECHNICIAN)
        await device.until_ready()
        assert await device.call(measure, 1.0) == 36


async def test_the_person_can_mend_it_and_nothing_is_opened_anew() -> None:
    bench = Bench()
    bench.fail = [DeviceFault("card_moved", remedy=Remedy.WAIT)]
    async with supervised(bench) as device:
        await device.until_ready()
        with pytest.raises(DeviceFault, match="card_moved"):
            await device.call(measure, 1.0)
        assert device.ready
        assert await device.call(measure, 1.0) == 36
        assert bench.opened == 1


async def test_one_bad_frame_is_noise_and_three_are_a_fault() -> None:
    bench = Bench()
    bench.fail = [BadFrame("noise", b"\x00")]
    async with supervised(bench) as device:
        await device.until_ready()
        with pytest.raises(BadFrame):
            await device.call(measure, 1.0)
        assert device.ready
        bench.fail = [BadFrame("noise", b"\x00")] * 3
        for _ in range(3):
            with pytest.raises(DriverError):
                await device.call(measure, 1.0)
        await until(lambda: bench.opened == 2)


async def test_the_wrong_device_is_never_tried_again() -> None:
    bench = Bench()
    bench.open_fail = [WrongDevice("a printer answers")]
    async with supervised(bench) as device:
        await until(lambda: device.state is State.FAULT)
        await anyio.sleep(0.6)  # longer than the first two pauses between tries
        assert bench.opened == 0
        with pytest.raises(WrongDevice):
            await device.call(measure, 1.0)
        assert device.report().remedy == "technician"


async def test_the_right_one_that_answers_like_another_after_a_stall_is_tried_again() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        bench.fail = [NoAnswer("stalled")]
        bench.open_fail = [WrongDevice("half an old answer")] * 2
        with pytest.raises(NoAnswer):
            await device.call(measure, 1.0)
        await until(lambda: device.state is State.FAULT)
        with anyio.fail_after(60):
            await device.until_ready()
        assert await device.call(measure, 1.0) == 36


async def test_another_one_in_its_place_is_not_tried_again() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        bench.fail = [LinkError("unplugged")]
        bench.open_fail = [NotPresent("gone")] + [WrongDevice("a printer answers")] * 9
        with pytest.raises(LinkError):
            await device.call(measure, 1.0)
        await until(lambda: device.state is State.ABSENT)
        device.hint()
        await until(lambda: device.state is State.FAULT)
        left = len(bench.open_fail)
        await anyio.sleep(1.0)
        assert len(bench.open_fail) == left


async def test_a_caller_that_leaves_does_not_stop_the_command() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        done: list[int] = []

        def command(driver: Wobbly) -> None:
            time.sleep(0.1)
            done.append(driver.measure())

        with anyio.move_on_after(0.02):
            await device.call(command, 5.0)
        await until(lambda: bool(done))
        assert await device.call(measure, 1.0) == 36


async def test_patience_sits_out_a_disturbance() -> None:
    bench = Bench()
    bench.fail = [BadFrame("noise", b"x"), NoAnswer("lost byte"), LinkError("loose plug")]
    async with supervised(bench) as device:
        await device.until_ready()
        assert await patiently(device, measure, 1.0, patience=8.0) == 36


async def test_patience_ends() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
        bench.plugged = False
        with pytest.raises(DriverError):
            await patiently(device, measure, 1.0, patience=0.3)


async def test_the_driver_is_closed_at_the_end() -> None:
    bench = Bench()
    async with supervised(bench) as device:
        await device.until_ready()
    assert bench.closed >= 1


async def test_it_is_logged_once_when_it_leaves_and_once_when_it_returns(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    with caplog.at_level("INFO"):
        async with supervised(bench) as device:
            await device.until_ready()
            bench.plugged = False
            for _ in range(4):
                with pytest.raises(DriverError):
                    await device.call(measure, 1.0)
                await anyio.sleep(0.3)
            bench.plugged = True
            await device.until_ready()
    lines = [record.getMessage() for record in caplog.records if "service" in record.getMessage()]
    assert len([line for line in lines if "out of service" in line]) <= 1
    assert len(lines) <= 3
