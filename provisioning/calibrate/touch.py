"""Calibrating the touch panel: five crosses are touched, and a map from where it says to where it was is kept.

The map is affine: it takes care of offset, scale, turned and mirrored panels. It is written into the site file's
`[panel]` as `touch`, and the terminal applies it to every touch from its next start on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.clock import Clock
from kiosk.config import Panel, Role, Site
from provisioning.calibrate.records import Calibration, What, keep
from provisioning.site_text import keep as keep_site
from provisioning.site_text import read_text, with_table
from provisioning.talk import CannotDo, Exit

Point = tuple[float, float]
"""Shares of the panel's width and height, from its upper left corner."""
Map = tuple[float, float, float, float, float, float]
"""`(a, b, c, d, e, f)`: x' = a x + b y + c, y' = d x + e y + f, in shares of the panel."""

TARGETS: Final[tuple[Point, ...]] = ((0.12, 0.08), (0.88, 0.08), (0.88, 0.92), (0.12, 0.92), (0.5, 0.5))
AS_IT_IS: Final[Map] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
MOST_RESIDUAL_MM: Final = 4.0
"""How far a corrected touch may still be from its cross. A finger is 10 mm wide, the least target 20 mm."""
AREA: Final = (0.5, 2.0)
"""By how much the map may enlarge: beyond, the panel is not the one of this screen."""
WIDE_PX, HIGH_PX = 1080.0, 1920.0


@dataclass(frozen=True)
class TouchFit:
    """What was found.

    Attributes:
        map: from where the panel says to where it was touched.
        residual_mm: the largest distance that is left at a target.
        before_mm: the largest distance without the map.
    """

    map: Map
    residual_mm: float
    before_mm: float


def _array(points: Sequence[Point]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def then(first: Map, second: Map) -> Map:
    """One map for both, the first applied first."""
    a, b = np.array([[*first[:3]], [*first[3:]], [0, 0, 1]]), np.array([[*second[:3]], [*second[3:]], [0, 0, 1]])
    whole = b @ a
    return (
        float(whole[0, 0]),
        float(whole[0, 1]),
        float(whole[0, 2]),
        float(whole[1, 0]),
        float(whole[1, 1]),
        float(whole[1, 2]),
    )


def fit(touched: Sequence[Point], panel: Panel) -> TouchFit:
    """Find the map, by least squares over the five targets.

    Args:
        touched: where the panel says that each of `TARGETS` was touched, in their order.
        panel: how large it is.

    Raises:
        CannotDo: not five touches, the touches are not of these targets, or too much is left over.
    """
    if len(touched) != len(TARGETS):
        raise CannotDo(Exit.BAD_INPUT, f"{len(touched)} touches: there are {len(TARGETS)} crosses to touch")
    said, meant = _array(touched), _array(TARGETS)
    if not np.isfinite(said).all():
        raise CannotDo(Exit.BAD_INPUT, "a touch is no place on the panel")
    design = np.column_stack([said, np.ones(len(said))])
    found, _, rank, _ = np.linalg.lstsq(design, meant, rcond=None)
    area = abs(float(found[0, 0] * found[1, 1] - found[0, 1] * found[1, 0]))
    if rank < 3 or not AREA[0] <= area <= AREA[1]:
        raise CannotDo(
            Exit.REFUSED, "the touches do not lie like the crosses: touch each cross once, in turn. Nothing was kept"
        )
    mm = np.array([WIDE_PX, HIGH_PX]) / panel.px_per_mm
    left = np.hypot(*((design @ found - meant) * mm).T)
    before = np.hypot(*((said - meant) * mm).T)
    worst = float(left.max())
    if worst > MOST_RESIDUAL_MM:
        raise CannotDo(
            Exit.REFUSED,
            f"{worst:.1f} mm are left over (≤ {MOST_RESIDUAL_MM:g} mm): clean the panel, touch the middle of each "
            "cross with one finger; if it stays, the panel is faulty. Nothing was kept",
        )
    a, b = found[:, 0], found[:, 1]
    return TouchFit(
        map=(float(a[0]), float(a[1]), float(a[2]), float(b[0]), float(b[1]), float(b[2])),
        residual_mm=worst,
        before_mm=float(before.max()),
    )


def touch(
    site: Site, role: Role, clock: Clock, *, touched: Sequence[Point], by: str, applied: Map = AS_IT_IS
) -> Calibration:
    """Calibrate the touch panel, and write the map into the site file.

    Args:
        site: the site file.
        role: whose screen.
        clock: dates it.
        touched: see `fit`.
        by: who does it.
        applied: the map that was applied to these touches already.

    Raises:
        CannotDo: outside the limits; nothing is kept then.
    """
    done = fit(touched, site.panel)
    whole = tuple(round(one, 6) for one in then(applied, done.map))
    if not by.strip():
        raise CannotDo(Exit.BAD_INPUT, "say who calibrates: --by, as your company knows you")
    keep_site(site.path, with_table(read_text(site.path), ("panel",), {"touch": whole}))
    made = Calibration(
        what=What.TOUCH,
        role=role,
        driver="panel",
        by=by,
        made=clock.now(),
        values={
            "residual_mm": round(done.residual_mm, 2),
            "before_mm": round(done.before_mm, 2),
            "targets": float(len(TARGETS)),
        },
        limits=f"residual ≤ {MOST_RESIDUAL_MM:g} mm",
    )
    keep(site, made)
    return made


def reset(site: Site) -> None:
    """Take the map out of the site file's use: touches count as the panel says them.

    Raises:
        CannotDo: the site file cannot be written.
    """
    keep_site(site.path, with_table(read_text(site.path), ("panel",), {"touch": AS_IT_IS}))
