"""One contract, every registered driver. A driver without an entry here fails the suite."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.contract import Driver
from drivers.kinds import Light
from drivers.registry import WHERE, driver_class
from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator
from drivers.simulate.sound_card import tone

SIMULATED_ELSEWHERE = {
    "camera/uvc": "needs a kernel with V4L2; tested beside the camera drivers",
    "camera/video-file": "has no wire; tested beside the camera drivers",
}


@dataclass(frozen=True)
class Entry:
    """How the contract suite uses a driver; see `Case` in conftest."""

    method: str
    arguments: tuple[float | bytes | Light, ...] = ()
    traits: dict[str, bool] = field(default_factory=dict)

    def use(self, driver: Driver) -> object:
        return getattr(driver, self.method)(*self.arguments)


ENTRIES = {
    "access_terminal/dahua": Entry("next_report", (5.0,), {"serial": False, "checked": False, "detects_loss": False}),
    "access_terminal/hikvision": Entry("next_report", (5.0,), {"serial": False, "checked": False}),
    "access_terminal/zkteco-push": Entry(
        "next_report", (5.0,), {"serial": False, "checked": False, "detects_loss": False, "streams": True}
    ),
    "barrier/gpio": Entry("state", traits={"serial": False, "talks": False}),
    "barrier/lcus": Entry("state"),
    "barrier/modbus-relay": Entry("state"),
    # a spoilt answer is asked for again, by the protocol itself
    "barrier/osdp": Entry("state", traits={"checked": False, "detects_loss": False}),
    "camera/folder": Entry("read", traits={"serial": False, "checked": False, "streams": True}),
    "camera/mjpeg-http": Entry("read", traits={"serial": False, "checked": False, "streams": True}),
    "camera/rtsp": Entry("read", traits={"serial": False, "checked": False, "detects_loss": False, "streams": True}),
    "code_scanner/camera": Entry(
        "scan", (0.2,), {"serial": False, "checked": False, "detects_loss": False, "streams": True}
    ),
    "code_scanner/gm65": Entry("scan", (0.2,), {"checked": False}),
    "code_scanner/honeywell": Entry("scan", (0.3,), {"checked": False}),
    "code_scanner/keyboard-wedge": Entry(
        "scan", (0.2,), {"checked": False, "detects_loss": False, "serial": False, "quiet": True}
    ),
    "code_scanner/newland": Entry("scan", (0.2,), {"checked": False}),
    "code_scanner/ssi": Entry("scan", (0.2,)),
    "code_scanner/wiegand-serial": Entry(
        "scan", (0.2,), {"talks": False, "serial": False, "checked": False, "detects_loss": False}
    ),
    "id_reader/sam-v-hid": Entry("read", traits={"serial": False}),
    "id_reader/sam-v-serial": Entry("read"),
    "id_reader/sam-v-usb": Entry("read", traits={"serial": False}),
    "lamp/modbus-relay": Entry("show", (Light.GOOD,)),
    "page_printer/ipp": Entry("status", traits={"checked": False, "serial": False}),
    "presence/ld2410": Entry("sense", traits={"checked": False, "streams": True}),
    "printer/escpos-serial": Entry("status", traits={"checked": False, "detects_loss": False}),
    "printer/escpos-tcp": Entry("status", traits={"checked": False, "detects_loss": False, "serial": False}),
    "printer/escpos-usb": Entry("status", traits={"checked": False, "detects_loss": False, "serial": False}),
    "speaker/alsa": Entry("play", (tone(0.02), 0.5), {"serial": False}),
    "thermometer/cjmcu-90614": Entry("measure"),
    "thermometer/gy-614": Entry("measure"),
    "thermometer/gy-mcu90640": Entry("measure"),
    "thermometer/lepton-y16": Entry("measure", traits={"serial": False, "checked": False, "streams": True}),
    "thermometer/mlx90614-smbus": Entry("measure"),
    "thermometer/modbus-rtu": Entry("measure"),
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
