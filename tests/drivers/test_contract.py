"""One contract, every registered driver. A driver without an entry here fails the suite."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.contract import Driver
from drivers.registry import WHERE, driver_class
from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator

SIMULATED_ELSEWHERE = {
    "camera/uvc": "needs a kernel with V4L2; tested beside the camera drivers",
    "camera/video-file": "has no wire; tested beside the camera drivers",
}


@dataclass(frozen=True)
class Entry:
    """How the contract suite uses a driver; see `Case` in conftest."""

    method: str
    arguments: tuple[float, ...] = ()
    traits: dict[str, bool] = field(default_factory=dict)

    def use(self, driver: Driver) -> object:
        return getattr(driver, self.method)(*self.arguments)


ENTRIES = {
    "barrier/modbus-relay": Entry("state"),
    "camera/folder": Entry("read", traits={"serial": False, "checked": False, "streams": True}),
    "code_scanner/gm65": Entry("scan", (0.2,), {"checked": False}),
    "id_reader/sam-v-serial": Entry("read"),
    "printer/escpos-serial": Entry("status", traits={"checked": False, "detects_loss": False}),
    "printer/escpos-tcp": Entry("status", traits={"checked": False, "detects_loss": False, "serial": False}),
    "thermometer/gy-614": Entry("measure"),
}


def test_every_registered_driver_is_put_through_the_contract() -> None:
    assert set(WHERE) == set(ENTRIES) | set(SIMULATED_ELSEWHERE)
    assert not set(ENTRIES) & set(SIMULATED_ELSEWHERE)


@pytest.mark.parametrize("key", WHERE)
def test_registry_and_driver_agree(key: str) -> None:
    assert driver_class(key).key == key


def test_unknown_driver_names_its_neighbours() -> None:
    with pytest.raises(KeyError, match="thermometer/gy-614"):
        driver_class("thermometer/nothing")


@pytest.mark.parametrize("key", ENTRIES)
def test_contract(key: str, check: Callable[..., None], contract_case: Callable[..., object], tmp_path: Path) -> None:
    entry = ENTRIES[key]

    def simulate(folder: Path) -> Simulator:
        return start(key, folder)

    check(contract_case(driver_class(key), simulate, entry.use, **entry.traits), tmp_path)
