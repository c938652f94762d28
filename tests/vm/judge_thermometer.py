"""The kernel's own driver for the MLX90614 (IIO), and ours, on the same registers (i2c-stub)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import smbus2
from kernel_side import Disagreement, Judge, first, load, wait_for

from drivers.errors import DeviceFault, NotPresent
from drivers.thermometer.mlx90614_smbus import Mlx90614, Mlx90614Options

ADDRESS: Final = 0x5A
WORDS: Final = ((0x3AD2, 0x3A30), (0x3C9B, 0x3986), (0x3B2F, 0x39A1), (0x27AD, 0x27AD), (0x7FFF, 0x4DC4))
"""Object and ambient: Melexis' example 28.01 °C first, a feverish forehead, a hall in winter, the ends of the range."""


def thermometer_smbus(kernel: Path, judge: Judge) -> None:
    """Compare object, ambient and emissivity, the error flag, and what an adapter without PEC is told."""
    load(kernel, "i2c-dev")
    load(kernel, "i2c-stub", f"chip_addr={ADDRESS:#x}")
    load(kernel, "mlx90614")
    adapter = first("/sys/bus/i2c/devices", "i2c-*", lambda path: "SMBus stub" in (path / "name").read_text())
    if adapter is None:
        raise Disagreement("i2c-stub made no adapter")
    node = Path("/dev") / adapter.name
    wait_for(lambda: node.exists() or None, f"{node} appearing")
    with smbus2.SMBus(str(node)) as bus:
        for at, word in enumerate((0x1234, 0x5678, 0x9ABC, 0x0012)):
            bus.write_word_data(ADDRESS, 0x3C + at, word)
        for at, word in ((0x24, 0xFFFF), (0x25, 0x9FB4)):
            bus.write_word_data(ADDRESS, at, word)
        for object_word, ambient_word in WORDS:
            bus.write_word_data(ADDRESS, 0x07, object_word)
            bus.write_word_data(ADDRESS, 0x06, ambient_word)
            with bound(adapter) as iio:
                theirs = {name: kernels_reading(iio, name) for name in ("object", "ambient")}
            ours = opened(node)
            reading = ours.measure()
            ours.close()
            judge.near(f"object {object_word:#06x}, °C", theirs["object"], reading.object_c, 0.0051)
            judge.near(f"ambient {ambient_word:#06x}, °C", theirs["ambient"], reading.ambient_c, 0.0051)
        for word in (0xFAE1, 0xF332):
            bus.write_word_data(ADDRESS, 0x24, word)
            with bound(adapter) as iio:
                emissivity = float((iio / "in_temp_object_calibemissivity").read_text())
            ours = opened(node)
            judge.near(f"emissivity {word:#06x}", emissivity, ours.measure().emissivity, 0.0001)
            ours.close()
        flagged(adapter, bus, node, judge)
    unchecked = Mlx90614(Mlx90614Options(port=str(node)))
    judge.fails("an adapter without PEC", unchecked.open, DeviceFault, "no_pec")
    held = Mlx90614(Mlx90614Options(port=str(node), checked=False))
    with bound(adapter):
        judge.fails("held by the kernel's driver", held.open, NotPresent)
    held.close()


def flagged(adapter: Path, bus: smbus2.SMBus, node: Path, judge: Judge) -> None:
    """Bit 15 is the sensor's error flag, and no temperature."""
    ours = opened(node)
    bus.write_word_data(ADDRESS, 0x07, 0x8000 | 0x3AD2)
    with bound(adapter) as iio:
        try:
            kernels_reading(iio, "object")
        except OSError:
            pass
        else:
            raise Disagreement("the kernel's driver took a flagged word for a temperature")
    judge.fails("a flagged word", ours.measure, DeviceFault, "sensor_error")
    bus.write_word_data(ADDRESS, 0x07, 0x3AD2)
    ours.close()


def opened(node: Path) -> Mlx90614:
    """Our driver, open."""
    ours = Mlx90614(Mlx90614Options(port=str(node), checked=False))
    ours.open()
    return ours


@contextmanager
def bound(adapter: Path) -> Iterator[Path]:
    """The kernel's driver on the sensor; gives its IIO folder."""
    (adapter / "new_device").write_text(f"mlx90614 {ADDRESS:#x}\n")
    try:
        yield wait_for(lambda: first("/sys/bus/iio/devices", "iio:device*"), "the kernel's driver taking the sensor")
    finally:
        (adapter / "delete_device").write_text(f"{ADDRESS:#x}\n")


def kernels_reading(iio: Path, name: str) -> float:
    """What the kernel's driver reads, °C; IIO counts in thousandths."""
    raw, offset, scale = (float((iio / f"in_temp_{part}").read_text()) for part in (f"{name}_raw", "offset", "scale"))
    return (raw + offset) * scale / 1000
