"""The tools at a desk: the empty desk, the printer and its width; and enrolment that cannot work says why."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator
from drivers.simulate.escpos_printer import EscPosSimulator
from drivers.simulate.frames import FolderCameraSimulator
from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from provisioning.calibrate import steps
from provisioning.calibrate.records import folder_of
from provisioning.checks.contract import Depth, Verdict
from provisioning.checks.run import check
from provisioning.enrol import ExitCode
from provisioning.site_text import with_table
from provisioning.talk import CannotDo, Exit
from tests.provisioning.technician import tool

DESK = ("id_reader/sam-v-serial", "camera/folder", "printer/escpos-serial")


@pytest.fixture
def plugged(tmp_path: Path) -> Iterator[dict[str, Simulator]]:
    with ExitStack() as stack:
        devices = {key: start(key, tmp_path / key.replace("/", "-")) for key in DESK}
        for device in devices.values():
            stack.callback(device.close)
        yield devices


@pytest.fixture
def site(tmp_path: Path, plugged: dict[str, Simulator]) -> Site:
    text = 'hall = "weinan"\nhall_name = "示例"\nterminal = "desk-1"\n\n[desk]\n'
    for key, simulator in plugged.items():
        options = {name: value for name, value in simulator.options.items() if isinstance(value, str | int | float)}
        text = with_table(text, ("desk", "devices", key.partition("/")[0]), {"driver": key, **options})
    file = tmp_path / "site.toml"
    file.write_text(text)
    return read_site(file)


def show(plugged: dict[str, Simulator], brightness: int) -> None:
    camera = plugged["camera/folder"]
    assert isinstance(camera, FolderCameraSimulator)
    scene = np.full((960, 1280, 3), brightness, np.uint8)
    scene[::40] = brightness // 2
    camera.scene = [scene]


def test_the_empty_desk_is_kept(site: Site, plugged: dict[str, Simulator]) -> None:
    show(plugged, 120)
    with pytest.raises(CannotDo, match="--empty") as caught:
        steps.desk(site, WallClock(), by="t7", empty=False)
    assert caught.value.code is Exit.REFUSED
    done = steps.desk(site, WallClock(), by="t7", empty=True)
    picture = cv2.imread(str(folder_of(site) / "desk.png"))
    assert picture is not None
    assert picture.shape == (960, 1280, 3)
    assert abs(float(picture.mean()) - float(done.values["brightness"])) < 0.1
    again = steps.desk(site, WallClock(), by="t7", empty=True)
    assert again.values["width_px"] == 1280


def test_a_dark_desk_is_refused(site: Site, plugged: dict[str, Simulator]) -> None:
    show(plugged, 18)
    with pytest.raises(CannotDo, match="lamps"):
        steps.desk(site, WallClock(), by="t7", empty=True)
    assert not folder_of(site).exists()


def test_a_slip_is_printed_when_asked_for(site: Site, plugged: dict[str, Simulator]) -> None:
    printer = plugged["printer/escpos-serial"]
    assert isinstance(printer, EscPosSimulator)
    quick = {one.id: one for one in check(site, WallClock(), only="printer").results}
    assert quick["desk.printer.status"].verdict is Verdict.PASS
    assert quick["desk.printer.slip"].verdict is Verdict.NOT_RUN
    full = {one.id: one for one in check(site, WallClock(), only="printer", depth=Depth.FULL).results}
    assert full["desk.printer.slip"].verdict is Verdict.PASS


def test_the_printer_s_width_is_read_off_a_ruler(site: Site) -> None:
    assert steps.printer(site, "desk", WallClock(), by="t7", width=None) is None
    with pytest.raises(CannotDo, match="384"):
        steps.printer(site, "desk", WallClock(), by="t7", width=500)
    made = steps.printer(site, "desk", WallClock(), by="t7", width=384)
    assert made is not None
    read = {kind.value: entry for kind, entry in read_site(site.path).devices["desk"].items()}
    assert read["printer"].options.model_dump()["width_dots"] == 384


def test_nothing_can_be_calibrated_that_is_not_bound(site: Site) -> None:
    with pytest.raises(CannotDo, match="bind it first"):
        steps.thermometer(site, "desk", WallClock(), reference_c=37, reference="BB-1", by="t7")


def test_enrolment_without_a_hub_or_with_a_torn_ticket(site: Site) -> None:
    ticket = '{"url": "https://127.0.0.1:9", "code": "AAAA-BBBB", "ca_sha256": "%s"}' % ("ab" * 32)
    away = tool("enrol", "--site", site.path, "--ticket", ticket)
    assert away.code == ExitCode.UNREACHABLE
    assert "is the hub running" in away.out["error"]
    torn = tool("enrol", "--site", site.path, "--ticket", ticket[:40])
    assert torn.code == ExitCode.BAD_TICKET
    nowhere = tool("enrol", "--ticket", ticket)
    assert nowhere.code == Exit.BAD_INPUT
    assert "--site" in nowhere.out["error"]
