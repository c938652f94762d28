"""Every driver that the demonstration's terminals can use, swapped in by the site file, lets people in and prints."""

from pathlib import Path

import pytest

from drivers.contract import Kind
from drivers.registry import WHERE
from kiosk.demo.street import DEFAULTS
from tests.demo.test_demo import demonstrate

pytestmark = pytest.mark.slow

# Several kinds at once, so that each model is in one demonstration and the whole stays short.
SETS = (
    ("thermometer/cjmcu-90614", "id_reader/sam-v-usb", "code_scanner/ssi", "barrier/osdp", "camera/mjpeg-http",
     "printer/escpos-usb"),
    ("thermometer/gy-mcu90640", "id_reader/sam-v-hid", "code_scanner/honeywell", "barrier/lcus", "camera/rtsp",
     "printer/escpos-serial"),
    ("thermometer/lepton-y16", "code_scanner/keyboard-wedge"),
    ("thermometer/mlx90614-smbus", "code_scanner/newland"),
    ("thermometer/modbus-rtu", "code_scanner/camera"),
)  # fmt: skip
ELSEWHERE = {
    "barrier/gpio": "its simulated pins are in the driver's own process; tests/drivers",
    "camera/uvc": "needs a kernel with V4L2",
    "camera/video-file": "shows what was filmed, not who stands there",
    "code_scanner/wiegand-serial": "carries a number, and no appointment code fits into it",
}


def test_every_driver_of_the_demonstrations_kinds_is_covered() -> None:
    usable = {key for key in WHERE if Kind(key.partition("/")[0]) in DEFAULTS}
    covered = {key for keys in SETS for key in keys} | set(DEFAULTS.values()) | set(ELSEWHERE)
    assert usable == covered


@pytest.mark.timeout(200)
@pytest.mark.parametrize("keys", SETS, ids=lambda keys: keys[0].partition("/")[2])
def test_people_get_through_with_other_models(root: Path, keys: tuple[str, ...]) -> None:
    chosen = [word for key in keys for word in ("--driver", key)]
    report = demonstrate(
        root, "--people", "2", "--submissions", "1", "--seed", "3", "--plain", "--hub-down", "never", *chosen
    )
    assert (report["admitted"], report["receipts_printed"]) == (2, 1)
