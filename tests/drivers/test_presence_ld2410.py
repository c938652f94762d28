"""The radar: its codec against frames that Hi-Link prints and that others recorded, and the driver on its wire."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.kinds import Presence
from drivers.presence import ld2410_frames as frames
from drivers.presence.ld2410 import Ld2410, Ld2410Options
from drivers.presence.ld2410_frames import Report, find_acknowledgement, find_report
from drivers.simulate.ld2410 import Ld2410Simulator

STILL = bytes.fromhex("F4F3F2F1 0D00 02AA 02 5100 00 0000 3B 0000 55 00 F8F7F6F5")  # protocol V1.02, section 2.3
BOTH = bytes.fromhex("F4F3F2F1 0D00 02AA 03 4F00 64 4C00 64 3200 55 00 F8F7F6F5")  # recorded by shabaz, 2023
NOBODY = bytes.fromhex("F4F3F2F1 0D00 02AA 00 C401 00 DD01 24 D301 55 00 F8F7F6F5")  # recorded by others
ENGINEERING = bytes.fromhex(  # protocol V1.02, section 2.3.2
    "F4F3F2F1 2300 01AA 03 1E00 3C 0000 39 0000 08 08 3C2205030304030605 000039101306060804 0305 5500 F8F7F6F5"
)
VERSION = bytes.fromhex("FDFCFBFA 0C00 A001 0000 0001 0201 16240622 04030201")


@pytest.mark.parametrize(
    ("frame", "report"),
    [
        (STILL, Report(None, 0.0)),
        (BOTH, Report(0.79, 0.76)),
        (NOBODY, Report(None, None)),
        (ENGINEERING, Report(0.3, 0.0)),
    ],
)
def test_reports(frame: bytes, report: Report) -> None:
    assert find_report(frame) == report
    assert find_report(STILL[9:] + b"\xf4\xf3" + frame) == report


def test_commands_and_acknowledgements_of_the_manual() -> None:
    assert frames.command(frames.ENABLE, b"\1\0") == bytes.fromhex("FDFCFBFA 0400 FF00 0100 04030201")
    assert frames.command(frames.FIRMWARE) == bytes.fromhex("FDFCFBFA 0200 A000 04030201")
    assert frames.command(frames.END) == bytes.fromhex("FDFCFBFA 0200 FE00 04030201")
    data = find_acknowledgement(STILL + VERSION, frames.FIRMWARE)
    assert data is not None
    assert frames.firmware(data) == "V1.02.22062416"
    assert find_acknowledgement(VERSION, frames.END) is None


def test_a_command_that_is_refused() -> None:
    with pytest.raises(BadFrame, match="refuses"):
        find_acknowledgement(bytes.fromhex("FDFCFBFA 0400 FE01 0100 04030201"), frames.END)


@pytest.mark.parametrize("split", range(len(BOTH)))
def test_a_split_report_wants_more(split: int) -> None:
    assert find_report(BOTH[:split]) is None


@pytest.mark.parametrize("at", [6, 7, 8, 17, 18, 19, 20, 21, 22])
def test_a_report_that_is_not_made_so(at: int) -> None:
    with pytest.raises(BadFrame):
        find_report(BOTH[:at] + bytes([BOTH[at] ^ 0x40]) + BOTH[at + 1 :])


@given(st.binary(max_size=60), st.sampled_from([b"", BOTH[:4], BOTH[:6], VERSION[:4], VERSION[:6]]))
def test_any_bytes(received: bytes, head: bytes) -> None:
    for find in (find_report, lambda data: find_acknowledgement(data, frames.END)):
        with contextlib.suppress(BadFrame):
            find(head + received)


# ---------------------------------------------------------------------------------------------------------------

Open = Callable[..., tuple[Ld2410, Ld2410Simulator]]


@pytest.fixture
def radar(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Open:
    def make(**options: float) -> tuple[Ld2410, Ld2410Simulator]:
        simulator = Ld2410Simulator(tmp_path)
        plugged_in.callback(simulator.close)
        driver = Ld2410(Ld2410Options.model_validate({**simulator.options, **options}))
        plugged_in.callback(driver.close)
        assert driver.open().firmware == "V1.02.22062416"
        return driver, simulator

    return make


def sees(driver: Ld2410, expected: Presence) -> None:
    deadline = time.monotonic() + 20
    while driver.sense() != expected:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("engineering", [False, True])
def test_who_is_there(radar: Open, engineering: bool) -> None:
    driver, simulator = radar()
    simulator.engineering = engineering
    sees(driver, Presence(here=False))
    simulator.still_m = 0.6
    sees(driver, Presence(here=True, distance_m=0.6))
    simulator.moving_m = 0.4
    sees(driver, Presence(here=True, distance_m=0.4))
    simulator.still_m = simulator.moving_m = None
    sees(driver, Presence(here=False))


def test_somebody_who_passes_at_a_distance_does_not_count(radar: Open) -> None:
    driver, simulator = radar(nearest_m=0.2, farthest_m=1.0)
    simulator.moving_m, simulator.still_m = 2.5, 0.7
    sees(driver, Presence(here=True, distance_m=0.7))
    simulator.still_m = 0.1
    sees(driver, Presence(here=False))


def test_a_radar_that_was_left_in_configuration_reports_again(radar: Open) -> None:
    driver, simulator = radar()
    simulator._configuring = True
    driver.close()
    driver.open()
    assert driver.sense() == Presence(here=False)
