"""What the tests of drivers share: simulators on ptys, and the checks every driver has to pass."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import ClassVar

import pytest

from drivers import kinds
from drivers.contract import Driver, Identity, Kind, Options
from drivers.errors import DriverError, LinkError, NotPresent, WrongDevice
from drivers.registry import make
from drivers.simulate.contract import Garble, Simulator
from drivers.simulate.replay import load
from drivers.simulate.wire import PtySimulator
from drivers.transport.line import ByteStream
from drivers.transport.recorder import Way

PROTOCOLS: dict[Kind, type] = {
    Kind.ACCESS_TERMINAL: kinds.AccessTerminal,
    Kind.ID_READER: kinds.IdReader,
    Kind.CAMERA: kinds.Camera,
    Kind.THERMOMETER: kinds.Thermometer,
    Kind.CODE_SCANNER: kinds.CodeScanner,
    Kind.BARRIER: kinds.Barrier,
    Kind.PRINTER: kinds.ReceiptPrinter,
    Kind.PRESENCE: kinds.PresenceSensor,
    Kind.PAGE_PRINTER: kinds.PagePrinter,
    Kind.SPEAKER: kinds.Speaker,
    Kind.LAMP: kinds.Lamp,
}


class Chatter(PtySimulator):
    """Some other device: answers whatever it is asked with the same words."""

    driver: ClassVar[str] = "none"

    def __init__(self, folder: Path, name: str, words: bytes = b"ERROR\r\n") -> None:
        self.words = words
        self.asked = b""
        super().__init__(folder, name)

    def heard(self, received: bytes) -> None:
        self.asked += received
        self.say(self.words)


@dataclass(frozen=True)
class Case:
    """A driver, how to simulate it, and one call of its kind that needs the wire.

    Attributes:
        use: the call.
        detects_loss: whether an answer that is cut short is always noticed.
        checked: whether its frames carry a check, so that a changed byte is always noticed.
        serial: whether it is on a serial line, where any other device could be plugged in.
        talks: whether it answers when it is asked, so that its silence can be noticed at all.
        streams: whether it sends by itself, so that a fault shows in one of the next calls rather than in the next.
        quiet: whether it cannot be asked and says nothing while nothing happens, so that its silence is no failure.
    """

    driver: type[Driver]
    simulate: Callable[[Path], Simulator]
    use: Callable[[Driver], object]
    detects_loss: bool = True
    checked: bool = True
    serial: bool = True
    streams: bool = False
    quiet: bool = False
    talks: bool = True

    def make(self, simulator: Simulator) -> Driver:
        """The driver, with the options of the simulator."""
        return self.driver(self.driver.options.model_validate(dict(simulator.options)))


def opened(stack: contextlib.ExitStack, case: Case, folder: Path) -> tuple[Driver, Simulator]:
    simulator = case.simulate(folder)
    stack.callback(simulator.close)
    driver = case.make(simulator)
    stack.callback(driver.close)
    driver.open()
    return driver, simulator


def failure_of(call: Callable[[], object]) -> DriverError | None:
    try:
        call()
    except DriverError as error:
        return error
    return None


def check_facts(case: Case, folder: Path) -> None:
    del folder
    driver = case.driver
    kind, _, model = driver.key.partition("/")
    assert kind == driver.kind.value
    assert model
    assert model == model.lower()
    assert issubclass(driver.options, Options)
    assert driver.options.__doc__
    assert driver.options.__doc__ != Options.__doc__
    assert driver.proven_on
    assert all(proof.what for proof in driver.proven_on)
    for name, wanted in vars(PROTOCOLS[driver.kind]).items():
        if callable(wanted) and not name.startswith("_"):
            has = signature(vars(driver).get(name) or getattr(driver, name))
            assert list(has.parameters) == list(signature(wanted).parameters), name


def check_nothing_there(case: Case, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        simulator = case.simulate(folder)
        stack.callback(simulator.close)
        driver = case.make(simulator)
        simulator.unplug()
        with pytest.raises(NotPresent):
            driver.open()
        driver.close()
        with pytest.raises(DriverError):
            driver.probe()


def check_life(case: Case, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        simulator = case.simulate(folder)
        stack.callback(simulator.close)
        threads = set(threading.enumerate())
        driver = case.make(simulator)
        stack.callback(driver.close)
        driver.close()
        for _ in range(2):
            assert isinstance(driver.open(), Identity)
            driver.probe()
            case.use(driver)
            case.use(driver)
            driver.close()
            driver.close()
            with pytest.raises(DriverError):
                case.use(driver)
        new = set(threading.enumerate()) - threads
        assert [thread.name for thread in new if not thread.name.startswith("simulated")] == []


def check_unplug(case: Case, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        driver, simulator = opened(stack, case, folder)
        options = simulator.options
        simulator.unplug()
        with pytest.raises((LinkError, NotPresent)):
            case.use(driver)
        driver.close()
        with pytest.raises(NotPresent):
            driver.open()
        driver.close()
        simulator.replug()
        assert simulator.options == options
        driver.open()
        case.use(driver)


def check_hang(case: Case, folder: Path) -> None:
    if not case.talks:
        return
    with contextlib.ExitStack() as stack:
        driver, simulator = opened(stack, case, folder)
        simulator.hang(60)
        if case.quiet:
            case.use(driver)
        elif case.streams:
            # one may be on its way already
            assert [one for one in (failure_of(lambda: case.use(driver)) for _ in range(2)) if one is not None]
        else:
            assert failure_of(driver.probe) is not None
            driver.close()
            failure = failure_of(driver.open)
            assert failure is not None
            assert not isinstance(failure, WrongDevice)
        driver.close()
        simulator.hang(0)
        driver.open()
        case.use(driver)


def check_close_unblocks(case: Case, folder: Path) -> None:
    if not case.talks:
        return
    with contextlib.ExitStack() as stack:
        driver, simulator = opened(stack, case, folder)
        simulator.hang(60)
        raised: list[BaseException] = []
        begun = threading.Event()

        def call() -> None:
            begun.set()
            try:
                case.use(driver)
                while case.streams:
                    case.use(driver)  # what was on its way already does not count
            except BaseException as error:  # noqa: BLE001  whatever it is, the test judges it
                raised.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        assert begun.wait(10)
        driver.close()
        thread.join(20)
        assert not thread.is_alive()
        assert [type(error) for error in raised] == [LinkError]


def check_spoilt_call(case: Case, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        driver, simulator = opened(stack, case, folder)
        for how in Garble:
            simulator.garble(how)
            failure = failure_of(driver.probe)
            is_told = (how is Garble.TRUNCATED and case.detects_loss) or (how is Garble.CHECKSUM and case.checked)
            if case.streams:
                for tries in range(50):
                    if failure is not None or (tries >= 5 and not is_told):
                        break
                    if tries % 5 == 0 and tries > 0:
                        simulator.garble(how)  # on a busy machine the next picture came before anybody saw this one
                    failure = failure_of(lambda: case.use(driver))
            assert not isinstance(failure, WrongDevice)
            if is_told:
                assert failure is not None
            if how is Garble.SPLIT:
                assert failure is None
            driver.close()
            driver.open()
            case.use(driver)


def check_spoilt_open(case: Case, folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        simulator = case.simulate(folder)
        stack.callback(simulator.close)
        driver = case.make(simulator)
        stack.callback(driver.close)
        for how in Garble:
            simulator.garble(how)
            failure = failure_of(driver.open)
            assert not isinstance(failure, WrongDevice), f"{how} made it the wrong device for ever"
            driver.close()
            driver.open()
            driver.close()


def check_wrong_device(case: Case, folder: Path) -> None:
    if not case.serial:
        return
    with contextlib.ExitStack() as stack:
        simulator = case.simulate(folder)
        stack.callback(simulator.close)
        other = Chatter(folder, "other")
        stack.callback(other.close)
        driver = case.driver(case.driver.options.model_validate({**simulator.options, **other.options}))
        stack.callback(driver.close)
        with pytest.raises(WrongDevice):
            driver.open()


def check_recorded(case: Case, folder: Path) -> None:
    """Every stream of bytes is recorded: a driver that makes its line too late would not be."""
    with contextlib.ExitStack() as stack:
        simulator = case.simulate(folder)
        stack.callback(simulator.close)
        path = folder / "recording.jsonl"
        driver = make(case.driver, case.driver.options.model_validate({**simulator.options, "record": str(path)}))
        stack.callback(driver.close)
        driver.open()
        case.use(driver)
        driver.close()
        if any(isinstance(part, ByteStream) for part in vars(driver).values()):
            steps = load(path).steps
            assert case.quiet or not case.talks or any(step.way is Way.RECEIVED for step in steps)


CHECKS: dict[str, Callable[[Case, Path], None]] = {
    "facts": check_facts,
    "nothing_there": check_nothing_there,
    "life": check_life,
    "unplug": check_unplug,
    "hang": check_hang,
    "close_unblocks": check_close_unblocks,
    "spoilt_call": check_spoilt_call,
    "spoilt_open": check_spoilt_open,
    "wrong_device": check_wrong_device,
    "recorded": check_recorded,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `check` runs once for each check of the contract."""
    if "check" in metafunc.fixturenames:
        metafunc.parametrize("check", CHECKS.values(), ids=CHECKS.keys())


@pytest.fixture
def contract_case() -> type[Case]:
    """`Case`, for test files that cannot import this one."""
    return Case


@pytest.fixture
def plugged_in() -> Iterator[contextlib.ExitStack]:
    """Closes what a test leaves open: drivers, then simulators."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def chatter(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Chatter:
    """A device of another kind."""
    other = Chatter(tmp_path, "other")
    plugged_in.callback(other.close)
    return other
