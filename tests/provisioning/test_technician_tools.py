"""Who may open the technician's mode, and the touch panel's calibration, by the commands."""

import json
from pathlib import Path

import pytest

from kiosk.config import Panel, read_site
from kiosk.wire.staff import StaffMember, pin_is
from provisioning import technicians
from provisioning.calibrate.touch import AS_IT_IS, MOST_RESIDUAL_MM, TARGETS, fit, then
from provisioning.image.first_boot import _take_technicians
from provisioning.talk import CannotDo, Exit
from tests.provisioning.technician import tool

SITE = """\
hall = "test"
hall_name = "示例大厅"
terminal = "desk-1"

[panel]
px_per_mm = 3.2 # 27 inches

[desk]

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "/dev/nowhere-1"

[desk.devices.camera]
driver = "camera/uvc"
device = "/dev/nowhere-2"

[desk.devices.printer]
driver = "printer/escpos-serial"
port = "/dev/nowhere-3"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    file = tmp_path / "site.toml"
    file.write_text(SITE, encoding="utf-8")
    return file


def _pin(folder: Path, pin: str) -> Path:
    file = folder / "pin"
    file.write_text(f"{pin}\n")
    return file


def test_a_technician_gets_a_pin_of_which_only_the_slow_hash_is_kept(site: Path, tmp_path: Path) -> None:
    pin = _pin(tmp_path, "271828")
    given = tool("technician", "add", "--site", site, "--name", "王工", "--pin-file", pin, "--until", "2027-01-31")
    assert (given.code, given.out) == (0, {"name": "王工", "valid_to": "2027-01-31"})
    file = technicians.file_of(read_site(site))
    assert "271828" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    (member,) = technicians.known(read_site(site))
    assert pin_is(member, "271828")
    assert tool("technician", "list", "--site", site).out == [{"name": "王工", "valid_to": "2027-01-31"}]
    assert tool("technician", "remove", "--site", site, "--name", "王工").code == 0
    assert tool("technician", "remove", "--site", site, "--name", "王工").code == Exit.BAD_INPUT
    assert tool("technician", "list", "--site", site).out == []


@pytest.mark.parametrize(
    ("pin", "code"),
    [("123456", Exit.REFUSED), ("000000", Exit.REFUSED), ("12345", Exit.BAD_INPUT), ("12a456", Exit.BAD_INPUT)],
)
def test_a_pin_that_is_none_is_refused(site: Path, tmp_path: Path, pin: str, code: Exit) -> None:
    assert tool("technician", "add", "--site", site, "--name", "x", "--pin-file", _pin(tmp_path, pin)).code == code
    assert technicians.known(read_site(site)) == ()


def test_two_technicians_never_have_the_same_pin_and_a_new_one_replaces_the_old(site: Path) -> None:
    here = read_site(site)
    technicians.put(here, "甲", "271828")
    with pytest.raises(CannotDo, match="choose another"):
        technicians.put(here, "乙", "271828")
    technicians.put(here, "甲", "314159")
    (member,) = technicians.known(here)
    assert (member.name, pin_is(member, "314159"), pin_is(member, "271828")) == ("甲", True, False)


def test_a_spoilt_list_is_said_and_nobody_gets_in_by_it(site: Path) -> None:
    here = read_site(site)
    technicians.put(here, "甲", "271828")
    technicians.file_of(here).write_bytes(b"[{")
    assert tool("technician", "list", "--site", site).code == Exit.NOT_NOW


def test_the_first_boot_takes_the_list_from_the_seed_and_leaves_none_there(site: Path, tmp_path: Path) -> None:
    here = read_site(site)
    made = technicians.put(here, "甲", "271828")
    seed = tmp_path / "seed"
    seed.mkdir()
    technicians.file_of(here).rename(seed / technicians.FILE)
    _take_technicians(seed, here)
    assert technicians.known(here) == (made,)
    assert isinstance(made, StaffMember)
    assert not (seed / technicians.FILE).exists()
    technicians.file_of(here).unlink()
    (seed / technicians.FILE).write_bytes(b"{")
    with pytest.raises(CannotDo, match="cannot be used"):
        _take_technicians(seed, here)
    assert technicians.known(here) == ()


# The touch panel -----------------------------------------------------------------------------------------------------


def _said(x: float, y: float) -> tuple[float, float]:
    """A panel that lies mirrored and 2 % too small."""
    return 1.0 - (0.98 * x + 0.01), 0.98 * y + 0.01


def test_readings_become_a_map_in_the_site_file(site: Path, tmp_path: Path) -> None:
    readings = tmp_path / "readings.json"
    readings.write_text(json.dumps([_said(x, y) for x, y in TARGETS]))
    done = tool("calibrate", "touch", "--site", site, "--readings", readings, "--by", "王工")
    assert done.code == 0, done.err
    assert done.out["values"]["residual_mm"] == 0
    assert done.out["values"]["before_mm"] > 200
    found = read_site(site).panel.touch
    assert found is not None
    a, b, c, d, e, f = found
    x, y = _said(0.3, 0.7)
    assert (a * x + b * y + c, d * x + e * y + f) == pytest.approx((0.3, 0.7), abs=1e-4)
    assert "# 27 inches" in site.read_text(encoding="utf-8"), "comments stay"
    assert tool("calibrate", "touch", "--site", site, "--reset").code == 0
    assert read_site(site).panel.touch == AS_IT_IS


def test_a_second_calibration_goes_on_from_the_first() -> None:
    first = fit([_said(x, y) for x, y in TARGETS], Panel()).map
    second = fit([(x + 0.01, y) for x, y in TARGETS], Panel()).map
    a, b, c, d, e, f = then(first, second)
    x, y = _said(0.4, 0.6)
    assert (a * x + b * y + c, d * x + e * y + f) == pytest.approx((0.39, 0.6), abs=1e-6)


@pytest.mark.parametrize(
    ("readings", "code"),
    [
        ("[[0.1, 0.1]]", Exit.BAD_INPUT),
        ('{"x": 1}', Exit.BAD_INPUT),
        ("nothing", Exit.BAD_INPUT),
        ("[[0.5,0.5],[0.5,0.5],[0.5,0.5],[0.5,0.5],[0.5,0.5]]", Exit.REFUSED),
        ("[[0.12,0.08],[0.88,0.08],[0.88,0.92],[0.12,0.92],[0.54,0.5]]", Exit.REFUSED),
    ],
)
def test_what_is_outside_the_limits_is_refused_and_nothing_kept(
    site: Path, tmp_path: Path, readings: str, code: Exit
) -> None:
    file = tmp_path / "readings.json"
    file.write_text(readings)
    assert tool("calibrate", "touch", "--site", site, "--readings", file, "--by", "王工").code == code
    assert site.read_text(encoding="utf-8") == SITE


def test_the_limit_is_in_millimetres() -> None:
    """One touch of five that is off by so much leaves four fifths of it at that cross, at most."""
    width_mm = 1080 / 3.2

    def off(mm: float) -> float:
        touched = [*TARGETS[:4], (TARGETS[4][0] + mm / width_mm, TARGETS[4][1])]
        return fit(touched, Panel(px_per_mm=3.2)).residual_mm

    assert off(4.0) < MOST_RESIDUAL_MM
    with pytest.raises(CannotDo, match="are left over"):
        off(8.0)
