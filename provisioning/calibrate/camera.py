"""Calibrating the cameras: light, geometry and scale, by the chart. Outside the limits nothing is kept."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np

from drivers.contract import Kind
from drivers.errors import DriverError
from drivers.kinds import Camera
from kiosk.clock import Clock
from kiosk.config import Role, Site
from provisioning.calibrate.chart import ChartSeen, Picture, chart, find_chart
from provisioning.calibrate.records import Calibration, What, keep
from provisioning.calibrate.steps import BRIGHT, DARK, SETTLE_S, opened
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit

PICTURES: Final = 5
CLIPPED: Final = 0.05
"""Part of the picture that may be black or white altogether."""
LEAST_CONTRAST: Final = 60.0


@dataclass(frozen=True)
class Limits:
    """What a camera has to be like.

    Attributes:
        px_per_mm: at least, where the chart is: a face is 150 mm wide, the smallest print on a form 1.5 mm high.
        turned_deg: at most.
        keystone: at most, see `ChartSeen`.
        off_centre: at most, see `ChartSeen`.
    """

    px_per_mm: float
    turned_deg: float
    keystone: float
    off_centre: float

    def words(self) -> str:
        """In words, for the report."""
        return (
            f"≥ {self.px_per_mm:g} px/mm, turned ≤ {self.turned_deg:g}°, keystone ≤ {self.keystone:.0%}, "
            f"off centre ≤ {self.off_centre:.0%}"
        )


LIMITS: Final[dict[Role, Limits]] = {
    "gate": Limits(px_per_mm=0.8, turned_deg=5.0, keystone=0.12, off_centre=0.25),
    "desk": Limits(px_per_mm=4.0, turned_deg=10.0, keystone=0.08, off_centre=0.20),
}
"""The gate's chart is held where faces are; the desk's lies where papers do."""


def print_chart(out: Path) -> None:
    """Write the chart as PNG, to be printed on A4 at full size.

    Raises:
        CannotDo: it cannot be written.
    """
    ok, png = cv2.imencode(".png", chart())
    if not ok:
        raise CannotDo(Exit.NOT_NOW, "the chart cannot be stored as PNG")
    write_whole(out, png.tobytes())


def _picture(site: Site, role: Role) -> tuple[str, Picture]:
    entry, device = opened(site, role, Kind.CAMERA)
    try:
        camera = cast("Camera", device)
        settled = time.monotonic() + SETTLE_S
        while time.monotonic() < settled:
            camera.read()
        pictures = [camera.read().image.copy() for _ in range(PICTURES)]
    except DriverError as error:
        raise CannotDo(Exit.NOT_NOW, f"the camera failed: {error.detail}; nothing was kept") from error
    finally:
        device.close()
    return entry.driver.key, np.median(np.stack(pictures), axis=0).astype(np.uint8)


def _light(picture: Picture) -> dict[str, float]:
    """Mean brightness, what is clipped, and how much brighter the edges are than the middle (a window behind)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    middle = grey[height // 4 : -height // 4, width // 4 : -width // 4]
    edge_sum = float(grey.sum(dtype=np.float64) - middle.sum(dtype=np.float64))
    edge = edge_sum / max(1, grey.size - middle.size)
    return {
        "brightness": round(float(grey.mean()), 1),
        "clipped": round(float(((grey <= 2) | (grey >= 253)).mean()), 3),
        "edge_over_middle": round(edge / max(1.0, float(middle.mean())), 2),
    }


def camera(site: Site, role: Role, clock: Clock, *, by: str) -> Calibration:
    """Measure light and geometry with the chart where faces are (gate) or papers lie (desk), and keep it.

    Args:
        site: the site file.
        role: whose camera.
        clock: dates it.
        by: who does it.

    Raises:
        CannotDo: no chart is seen, or something is outside its limits; nothing is kept then.
    """
    driver, picture = _picture(site, role)
    light, seen, limits = _light(picture), find_chart(picture), LIMITS[role]
    if not DARK <= light["brightness"] <= BRIGHT:
        raise CannotDo(Exit.REFUSED, f"brightness {light['brightness']:.0f} of 255: look at lamps and exposure")
    if seen is None:
        raise CannotDo(
            Exit.REFUSED,
            "the chart is not seen whole: print it on A4 at full size (calibrate chart), on something flat, "
            + ("60 cm before the camera" if role == "gate" else "in the middle of the desk"),
        )
    if wrong := _outside(seen, limits):
        raise CannotDo(Exit.REFUSED, f"{wrong}; nothing was kept")
    made = Calibration(
        what=What.CAMERA,
        role=role,
        driver=driver,
        by=by,
        made=clock.now(),
        reference="chart: 9 × 6 corners, 25 mm",
        values={
            **light,
            "px_per_mm": round(seen.px_per_mm, 3),
            "turned_deg": round(seen.turned_deg, 2),
            "keystone": round(seen.keystone, 3),
            "off_centre": round(seen.off_centre, 3),
            "sharpness": round(seen.sharpness, 4),
            "width_px": float(picture.shape[1]),
            "height_px": float(picture.shape[0]),
        },
        limits=limits.words(),
    )
    keep(site, made)
    return made


def _outside(seen: ChartSeen, limits: Limits) -> str:
    """What is outside the limits, with what to do; empty where nothing is."""
    if seen.contrast < LEAST_CONTRAST:
        return f"the chart is flat (contrast {seen.contrast:.0f} of 255): more light, clean the lens, no glare on it"
    if seen.px_per_mm < limits.px_per_mm:
        return f"{seen.px_per_mm:.2f} px/mm: too coarse (≥ {limits.px_per_mm:g}); choose more pixels, or go nearer"
    if abs(seen.turned_deg) > limits.turned_deg:
        return f"turned by {seen.turned_deg:+.1f}° (≤ {limits.turned_deg:g}°): straighten the camera, or the chart"
    if seen.keystone > limits.keystone:
        return f"seen from the side (keystone {seen.keystone:.0%}, ≤ {limits.keystone:.0%}): tilt the camera back"
    if seen.off_centre > limits.off_centre:
        return f"{seen.off_centre:.0%} off the middle (≤ {limits.off_centre:.0%}): move the chart, or aim the camera"
    return ""
