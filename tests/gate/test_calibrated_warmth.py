"""The thermometer's calibration at the gate: in force, expired, damaged, another model's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from kiosk.calibration import EXPIRED, UNUSABLE, Correction, ThermometerCalibration
from kiosk.config import read_site
from kiosk.wire.evidence import TemperatureTaken
from kiosk.wire.rules import Reason, Verdict
from provisioning.calibrate.records import Calibration, What, keep
from tests.journeys.conftest import anyio_backend, time_waits_for_threads
from tests.journeys.test_gate_journey import Hall
from tests.journeys.test_gate_warmth import ONLY_WARMTH

__all__ = ["anyio_backend", "time_waits_for_threads"]

MADE = datetime(2026, 11, 22, 2, tzinfo=UTC)
UNTIL = MADE + timedelta(days=90)
DRIVER = "thermometer/gy-614"
SITE = """\
hall = "weinan"
hall_name = "示例市政务服务中心"
terminal = "desk-1"

[desk]

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "usb:1-1.2/1a86:7523/A1"

[desk.devices.camera]
driver = "camera/mjpeg-http"
host = "camera.hall"

[desk.devices.printer]
driver = "printer/escpos-usb"
vid = 1208
pid = 514
path = "1-1.3"
"""


def kept(folder: Path, offset_c: float = 0.6) -> Path:
    """The record as the technician's tool keeps it."""
    (folder / "site.toml").write_text(SITE)
    made = Calibration(
        what=What.THERMOMETER,
        role="gate",
        driver=DRIVER,
        by="t7",
        made=MADE,
        reference="BB-1 no 7",
        expires=UNTIL,
        values={"offset_c": offset_c, "reference_c": 37.0},
    )
    return keep(read_site(folder / "site.toml"), made)


def test_it_counts_until_it_expires(tmp_path: Path) -> None:
    record = kept(tmp_path)
    assert record.name == "gate-thermometer.json"
    found = ThermometerCalibration.read(record, DRIVER)
    assert found.at(UNTIL - timedelta(seconds=1)) == Correction(0.6, "calibration-2026-11-22")
    assert found.notice(UNTIL - timedelta(seconds=1)) == ""
    assert found.at(UNTIL) is None
    assert found.notice(UNTIL) == EXPIRED


def test_none_is_nothing_to_see_to(tmp_path: Path) -> None:
    found = ThermometerCalibration.read(tmp_path / "none.json", DRIVER)
    assert (found.at(MADE), found.notice(MADE)) == (None, "")


@pytest.mark.parametrize("offset_c", [1.01, -5.0, 1e300])
def test_what_is_outside_the_limits_is_not_used(tmp_path: Path, offset_c: float) -> None:
    found = ThermometerCalibration.read(kept(tmp_path, offset_c), DRIVER)
    assert (found.at(MADE), found.notice(MADE)) == (None, UNUSABLE)


def test_another_model_s_and_a_damaged_one_are_not_used(tmp_path: Path) -> None:
    record = kept(tmp_path)
    assert ThermometerCalibration.read(record, "thermometer/mlx90614").notice(MADE) == UNUSABLE
    whole = record.read_bytes()
    for damaged in (b"", whole[:-9], b"\xff" * 40, whole.replace(b'"body":"', b'"body":"AA')):
        record.write_bytes(damaged)
        found = ThermometerCalibration.read(record, DRIVER)
        assert (found.at(MADE), found.notice(MADE)) == (None, UNUSABLE), damaged


def hall_with(reading: float, correction: Correction | None) -> Hall:
    hall = Hall()
    hall.rules = ONLY_WARMTH
    hall.thermometer.driver.readings = [reading]
    hall.lane = replace(hall.lane, correction=lambda: correction)
    return hall


def warmth_of(taken: object) -> TemperatureTaken:
    assert isinstance(taken, TemperatureTaken)
    return taken


@pytest.mark.anyio
async def test_the_corrected_value_decides_and_the_raw_one_stays() -> None:
    plain = await hall_with(36.9, None).one()
    assert plain.decision.verdict is Verdict.ADMIT
    seen = warmth_of(plain.evidence.temperature)
    assert (seen.object_c, seen.corrected_c, seen.correction) == (36.9, None, "")
    assert b"correct" not in msgspec.json.encode(seen)  # a hub from before takes it

    warm = await hall_with(36.9, Correction(0.9, "calibration-2026-11-22")).one()
    seen = warmth_of(warm.evidence.temperature)
    assert (seen.object_c, seen.corrected_c, seen.correction) == (36.9, 37.8, "calibration-2026-11-22")
    assert Reason.TEMPERATURE_HIGH in warm.decision.reasons
    assert msgspec.json.decode(msgspec.json.encode(seen), type=TemperatureTaken) == seen


@pytest.mark.parametrize("lacking", ["corrected_c", "correction"])
def test_a_corrected_value_never_stands_without_its_name(lacking: str) -> None:
    whole = {"type": "temperature_taken", "object_c": 36.9, "ambient_c": 22.0, "spread_c": 0.1, "readings": 3}
    whole |= {"device": "thermometer", "at": "2026-11-22T02:00:00Z", "corrected_c": 37.5, "correction": "calibration-x"}
    msgspec.convert(whole, TemperatureTaken, strict=False)
    del whole[lacking]
    with pytest.raises(msgspec.ValidationError, match="names its correction"):
        msgspec.convert(whole, TemperatureTaken, strict=False)
