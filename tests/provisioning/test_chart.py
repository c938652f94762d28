"""The chart tells a camera's scale and attitude; what is outside the limits is refused with what to do."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drivers.simulate.contract import Simulator
from kiosk.config import Site, read_site
from provisioning.calibrate.chart import chart, find_chart
from provisioning.site_text import with_table
from tests.provisioning.technician import camera_of, tool


def seen(*, px_per_mm: float = 2.0, turn: float = 0.0, tilt: float = 0.0, shift: int = 0) -> Any:
    """A picture of the chart, 1280 × 960."""
    page = cv2.cvtColor(chart(4.0), cv2.COLOR_GRAY2BGR)
    height, width = page.shape[:2]
    scale = px_per_mm / 4.0
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) - np.array(
        [width / 2, height / 2]
    )
    angle = np.radians(turn)
    turned = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * scale
    turned[:2, 0] *= 1 - tilt
    turned += (640 + shift, 480)
    warp = cv2.getPerspectiveTransform(
        (corners + np.array([width / 2, height / 2])).astype(np.float32), turned.astype(np.float32)
    )
    picture = cv2.warpPerspective(page, warp, (1280, 960), flags=cv2.INTER_AREA, borderValue=(120, 120, 120))
    return cv2.convertScaleAbs(picture, alpha=0.75, beta=20)


@pytest.mark.parametrize("px_per_mm", [1.0, 3.0])
@pytest.mark.parametrize("turn", [-8.0, 3.0])
def test_scale_and_turn_are_measured(px_per_mm: float, turn: float) -> None:
    found = find_chart(seen(px_per_mm=px_per_mm, turn=turn))
    assert found is not None
    assert found.px_per_mm == pytest.approx(px_per_mm, rel=0.02)
    assert found.turned_deg == pytest.approx(turn, abs=0.3)
    assert found.keystone < 0.02
    assert found.off_centre < 0.02


def test_tilt_and_place_are_measured() -> None:
    found = find_chart(seen(tilt=0.2))
    assert found is not None
    assert found.keystone > 0.08
    aside = find_chart(seen(shift=128))
    assert aside is not None
    assert aside.off_centre == pytest.approx(0.1, abs=0.01)


def test_no_chart() -> None:
    assert find_chart(np.full((480, 640, 3), 128, np.uint8)) is None


@pytest.fixture
def site(tmp_path: Path, plugged: dict[str, Simulator]) -> Site:
    text = 'hall = "weinan"\nhall_name = "示例"\nterminal = "gate-1"\n\n[gate]\nlane = "1"\n'
    for key, simulator in plugged.items():
        options = {name: value for name, value in simulator.options.items() if isinstance(value, str | int | float)}
        text = with_table(text, ("gate", "devices", key.partition("/")[0]), {"driver": key, **options})
    file = tmp_path / "site.toml"
    file.write_text(text)
    return read_site(file)


@pytest.mark.parametrize(
    ("picture", "word"),
    [
        (seen(turn=12.0), "straighten"),
        (seen(px_per_mm=0.5), "coarse"),
        (seen(px_per_mm=1.5, tilt=0.3), "side"),
        (seen(px_per_mm=1.0, shift=400), "off the middle"),
        (np.full((960, 1280, 3), 128, np.uint8), "not seen whole"),
        (np.zeros((960, 1280, 3), np.uint8), "brightness"),
    ],
)
def test_outside_the_limits_nothing_is_kept(site: Site, plugged: dict[str, Simulator], picture: Any, word: str) -> None:
    camera_of(plugged).scene = [picture]
    said = tool("calibrate", "camera", "--site", site.path, "--by", "t7")
    assert said.code == 5
    assert word in said.out["error"]
    assert tool("calibrate", "list", "--site", site.path).out == []


def test_a_good_camera_is_kept_and_listed(site: Site, plugged: dict[str, Simulator], tmp_path: Path) -> None:
    camera_of(plugged).scene = [seen(turn=1.0)]
    said = tool("calibrate", "camera", "--site", site.path, "--by", "t7")
    assert said.code == 0, said
    assert said.out["values"]["px_per_mm"] == pytest.approx(2.0, rel=0.03)
    assert said.out["values"]["turned_deg"] == pytest.approx(1.0, abs=0.3)
    listed = tool("calibrate", "list", "--site", site.path).out
    assert [one["calibration"]["what"] for one in listed] == ["camera"]
    assert tool("calibrate", "chart", tmp_path / "chart.png").code == 0
    printed = cv2.imread(str(tmp_path / "chart.png"))
    assert printed is not None
    assert find_chart(np.asarray(printed, dtype=np.uint8)) is not None
