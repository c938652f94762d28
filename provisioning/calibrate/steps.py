"""How each thing is calibrated. Every step measures the real device, and refuses what is outside its limits."""

import hashlib
import math
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.contract import Driver, Kind
from drivers.errors import DriverError
from drivers.kinds import Align, Barrier, BarrierState, Camera, Line, PrintJob, ReceiptPrinter, Rule, Space, Thermometer
from kiosk.calibration import MOST_OFFSET_C
from kiosk.clock import Clock
from kiosk.config import DeviceEntry, Role, Site
from provisioning.calibrate.records import Calibration, What, folder_of, keep
from provisioning.checks.contract import WORDS
from provisioning.site_text import keep as keep_site
from provisioning.site_text import read_text, with_table, write_whole
from provisioning.talk import CannotDo, Exit, Say

READINGS: Final = 20
MOST_SPREAD_C: Final = 0.3
REFERENCE_C: Final = (30.0, 42.0)
"""Where people are measured: an offset found elsewhere says little there."""
AMBIENT_C: Final = (16.0, 32.0)
MOST_DAYS: Final = 365
PICTURES: Final = 5
SETTLE_S: Final = 1.0
"""A camera that was just opened finds its exposure first."""
MOST_CHANGE: Final = 6.0
"""Mean difference between two pictures of a desk that nobody touches, of 255."""
DARK, BRIGHT = 25.0, 235.0
WIDTHS: Final = (384, 432, 512, 576, 640)
WATCH_EVERY_S: Final = 0.04
BLIND_S: Final = 0.2
"""In so many seconds without a look nobody passes the first beam and is at the second alone."""

Picture = NDArray[np.uint8]


def opened(site: Site, role: Role, kind: Kind) -> tuple[DeviceEntry, Driver]:
    """A device, opened; whoever asks closes it.

    Raises:
        CannotDo: the site file has none, or it does not open.
    """
    entry = site.devices[role].get(kind)
    if entry is None:
        raise CannotDo(Exit.BAD_INPUT, f"{site.path} has no [{role}.devices.{kind.value}]: bind it first")
    device = entry.make()
    try:
        device.open()
    except DriverError as error:
        device.close()
        raise CannotDo(Exit.NOT_NOW, f"the {kind.value}: {WORDS.get(error.code, '')} ({error.detail})") from error
    return entry, device


def thermometer(
    site: Site, role: Role, clock: Clock, *, reference_c: float, reference: str, by: str, days: int = 180
) -> Calibration:
    """Compare the thermometer with a black body, or with another reference reading.

    Args:
        site: the site file.
        role: whose thermometer.
        clock: dates it.
        reference_c: true temperature of what is before it, degrees Celsius.
        reference: what says so: model, number and certificate of the black body.
        by: who does it.
        days: how long it counts.

    Raises:
        CannotDo: no reference, outside the limits, or the device fails; nothing is kept then.
    """
    if not reference.strip():
        raise CannotDo(Exit.BAD_INPUT, "an offset needs a reference: --reference MODEL-NUMBER-CERTIFICATE")
    low, high = REFERENCE_C
    if not low <= reference_c <= high:
        raise CannotDo(Exit.REFUSED, f"the reference has {reference_c} °C: set it between {low:g} and {high:g} °C")
    if not 1 <= days <= MOST_DAYS:
        raise CannotDo(Exit.BAD_INPUT, f"--days {days}: 1 to {MOST_DAYS}; a thermometer drifts")
    entry, device = opened(site, role, Kind.THERMOMETER)
    try:
        taken = [cast("Thermometer", device).measure() for _ in range(READINGS)]
    except DriverError as error:
        raise CannotDo(Exit.NOT_NOW, f"the thermometer failed: {error.detail}; nothing was kept") from error
    finally:
        device.close()
    objects = [one.object_c for one in taken]
    ambient = statistics.median(one.ambient_c for one in taken)
    spread = max(objects) - min(objects)
    offset = round(reference_c - statistics.median(objects), 2)
    if not AMBIENT_C[0] <= ambient <= AMBIENT_C[1]:
        raise CannotDo(
            Exit.REFUSED, f"the place has {ambient:.1f} °C: calibrate between {AMBIENT_C[0]:g} and {AMBIENT_C[1]:g} °C"
        )
    if spread > MOST_SPREAD_C:
        raise CannotDo(
            Exit.REFUSED,
            f"the readings jump by {spread:.2f} °C (≤ {MOST_SPREAD_C}): fix the black body, and no draught",
        )
    if abs(offset) > MOST_OFFSET_C:
        raise CannotDo(
            Exit.REFUSED,
            f"it would need {offset:+.2f} °C, more than ±{MOST_OFFSET_C:g}: look at the distance, clean the lens, "
            "wait half an hour after switching on; if it stays, change the thermometer. Nothing was kept",
        )
    now = clock.now()
    made = Calibration(
        what=What.THERMOMETER,
        role=role,
        driver=entry.driver.key,
        by=by,
        made=now,
        reference=reference,
        expires=now + timedelta(days=days),
        values={
            "offset_c": offset,
            "reference_c": reference_c,
            "measured_c": round(statistics.median(objects), 2),
            "spread_c": round(spread, 2),
            "ambient_c": round(ambient, 1),
            "readings": float(READINGS),
        },
        limits=f"offset ±{MOST_OFFSET_C:g} °C, spread ≤ {MOST_SPREAD_C} °C",
    )
    keep(site, made)
    return made


def desk(site: Site, clock: Clock, *, by: str, empty: bool) -> Calibration:
    """Keep the picture of the empty desk, `<data>/calibration/desk.png`, against which papers are found.

    Args:
        site: the site file.
        clock: dates it.
        by: who does it.
        empty: somebody has looked, and nothing lies there.

    Raises:
        CannotDo: nobody looked, it is too dark or bright, or something moves; nothing is kept then.
    """
    if not empty:
        raise CannotDo(
            Exit.REFUSED, "take everything off the desk, switch the lamps on as in service, then say --empty"
        )
    entry, device = opened(site, "desk", Kind.CAMERA)
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
    middle = np.median(np.stack(pictures), axis=0).astype(np.uint8)
    change = max(float(cv2.absdiff(one, middle).mean()) for one in pictures)
    mean = float(middle.mean())
    if change > MOST_CHANGE:
        raise CannotDo(Exit.REFUSED, f"something moves before the camera (change {change:.1f}): hands off, and again")
    if not DARK <= mean <= BRIGHT:
        raise CannotDo(
            Exit.REFUSED, f"brightness {mean:.0f} of 255 ({DARK:g} to {BRIGHT:g}): look at lamps and exposure"
        )
    ok, png = cv2.imencode(".png", middle)
    if not ok:
        raise CannotDo(Exit.NOT_NOW, "the picture cannot be stored as PNG")
    content = png.tobytes()
    write_whole(folder_of(site) / "desk.png", content)
    height, width = middle.shape[:2]
    made = Calibration(
        what=What.DESK,
        role="desk",
        driver=entry.driver.key,
        by=by,
        made=clock.now(),
        values={
            "width_px": float(width),
            "height_px": float(height),
            "brightness": round(mean, 1),
            "change": round(change, 2),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
        limits=f"brightness {DARK:g} to {BRIGHT:g}, change ≤ {MOST_CHANGE:g}",
    )
    keep(site, made)
    return made


def ruler() -> PrintJob:
    """A slip with a line for each width a print head may have: the longest one that is whole tells which it is."""
    blocks: list[Line | Rule | Space] = [Line("哪一行最右端完整？", size=32, bold=True, align=Align.CENTRE), Rule()]
    for width in WIDTHS:
        body = f"{width}"
        blocks += [Line(body + "─" * max(1, (width - 14 * len(body)) // 24 - 1) + "┤", size=24), Space(8)]
    return PrintJob("ruler", tuple(blocks))


def printer(
    site: Site, role: Role, clock: Clock, *, by: str, width: int | None, cut: bool = True
) -> Calibration | None:
    """Print the ruler, or take the width that was read off it, and write it into the site file.

    Args:
        site: the site file.
        role: whose printer.
        clock: dates it.
        by: who does it.
        width: dots; None prints the ruler.
        cut: the ruler was cut off clean.

    Returns:
        None when the ruler was printed.
    """
    if width is None:
        entry, device = opened(site, role, Kind.PRINTER)
        try:
            cast("ReceiptPrinter", device).print(ruler())
        except DriverError as error:
            raise CannotDo(Exit.NOT_NOW, f"the ruler did not come out: {error.detail}") from error
        finally:
            device.close()
        return None
    if not cut:
        raise CannotDo(
            Exit.REFUSED, "the ruler was not cut off: clear the cutter, then print it again; no cutter: tear bar, --cut"
        )
    if width not in WIDTHS:
        raise CannotDo(Exit.BAD_INPUT, f"--width {width}: one of {', '.join(map(str, WIDTHS))}, as the ruler has it")
    found = site.devices[role].get(Kind.PRINTER)
    if found is None or "width_dots" not in found.driver.options.model_fields:
        raise CannotDo(Exit.BAD_INPUT, f"{site.path} has no receipt printer under [{role}.devices.printer]")
    entry = found
    text = with_table(read_text(site.path), (role, "devices", "printer"), {"width_dots": width})
    keep_site(site.path, text)
    made = Calibration(
        what=What.PRINTER,
        role=role,
        driver=entry.driver.key,
        by=by,
        made=clock.now(),
        values={"width_dots": float(width), "cut": "yes"},
        limits=", ".join(map(str, WIDTHS)),
    )
    keep(site, made)
    return made


def first_beam(look: Callable[[], BarrierState], within: float, say: Say) -> str:
    """Which beam is broken first by somebody who comes in; empty when none was.

    Args:
        look: reads the inputs.
        within: seconds to watch.
        say: told when to go.
    """
    say("Walk in now, as people do: through beam A first. The barrier stays locked: reach through with an arm.")
    deadline = time.monotonic() + within
    free = -math.inf
    while time.monotonic() < deadline:
        state = look()
        now = time.monotonic()
        if not state.beam_a and not state.beam_b:
            free = now
        elif state.beam_a != state.beam_b and now - free < BLIND_S:
            return "a" if state.beam_a else "b"
        else:
            free = -math.inf  # somebody is in the middle already: the next one is judged
        time.sleep(WATCH_EVERY_S)
    return ""


def beams(site: Site, clock: Clock, *, by: str, within: float = 20.0, say: Say = lambda _text: None) -> Calibration:
    """See in which order the beams are broken by somebody who comes in, and exchange them in the site file where wrong.

    Raises:
        CannotDo: no beam was broken, or the driver has none; nothing is changed then.
    """
    entry, device = opened(site, "gate", Kind.BARRIER)
    fields = entry.driver.options.model_fields
    if "beam_a" not in fields or "beam_b" not in fields:
        device.close()
        raise CannotDo(Exit.BAD_INPUT, f"{entry.driver.key} has no beams in the site file")
    try:
        first = first_beam(cast("Barrier", device).state, within, say)
    except DriverError as error:
        raise CannotDo(Exit.NOT_NOW, f"the barrier failed: {error.detail}; nothing was changed") from error
    finally:
        device.close()
    if not first:
        raise CannotDo(Exit.NOT_NOW, f"no beam was broken alone within {within:.0f} s: look at wiring and alignment")
    if first == "b":
        given = entry.options.model_dump()
        swapped = {"beam_a": given["beam_b"], "beam_b": given["beam_a"]}
        text = with_table(read_text(site.path), ("gate", "devices", "barrier"), swapped)
        keep_site(site.path, text)
    made = Calibration(
        what=What.BEAMS,
        role="gate",
        driver=entry.driver.key,
        by=by,
        made=clock.now(),
        values={"first": first, "exchanged": "yes" if first == "b" else "no"},
        limits="beam A before beam B",
    )
    keep(site, made)
    return made
