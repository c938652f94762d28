"""OSDP on its wire: libosdp in the role of the device, in another process."""

import contextlib
import os
import select
import stat
import subprocess
import sys
import time
import tty
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from drivers.barrier import osdp
from drivers.barrier.osdp import Osdp, OsdpOptions
from drivers.barrier.osdp_frames import find_frames
from drivers.errors import DeviceFault, DriverError, Effect, LinkError, Remedy
from drivers.kinds import BarrierState, Crossing
from drivers.simulate.contract import Garble
from drivers.simulate.osdp import OsdpSimulator

CLOSED = BarrierState(beam_a=False, beam_b=False, door_open=False)
Both = tuple[Osdp, OsdpSimulator]
Make = Callable[..., Both]


@pytest.fixture
def make(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Make:
    def both(key: str | None = None, **options: object) -> Both:
        simulator = OsdpSimulator(tmp_path) if key is None else OsdpSimulator(tmp_path, key=key)
        plugged_in.callback(simulator.close)
        driver = Osdp(OsdpOptions.model_validate({**simulator.options, **options}))
        plugged_in.callback(driver.close)
        return driver, simulator

    return both


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_it_is(make: Make) -> None:
    identity = make()[0].open()
    assert identity.maker == "febabe"
    assert identity.serial == "deadbeaf"
    assert identity.firmware == "173.222.173"


def test_everything_after_the_handshake_is_secured(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = make()
    said: list[bytes] = []
    heard = simulator.heard

    def overhear(received: bytes) -> None:
        said.append(received)
        heard(received)

    monkeypatch.setattr(simulator, "heard", overhear)
    driver.open()
    said.clear()
    driver.let_one_pass(0.1)
    frames, _ = find_frames(b"".join(said), 101)
    assert len(frames) > 2
    assert all(frame.secured for frame in frames)


def test_another_key(make: Make) -> None:
    driver, simulator = make(key="ff" * 16)
    with pytest.raises(DeviceFault) as caught:
        driver.open()
    assert caught.value.fault == "not_authorised"
    assert caught.value.remedy is Remedy.TECHNICIAN
    assert simulator.releases == 0


def test_a_device_without_a_key_is_not_talked_to_in_clear(make: Make) -> None:
    driver, simulator = make(key="")
    with pytest.raises(DriverError):
        driver.open()
    assert simulator.releases == 0


@pytest.mark.parametrize("content", ["", "00", "zz" * 16, "00" * 17])
def test_a_file_that_holds_no_key(make: Make, tmp_path: Path, content: str) -> None:
    file = tmp_path / "wrong"
    file.write_text(content)
    with pytest.raises(DeviceFault) as caught:
        make(key_file=str(file))[0].open()
    assert caught.value.fault == "bad_key_file"
    assert not content or content not in str(caught.value)


def test_the_simulator_keeps_its_key_to_itself(make: Make) -> None:
    file = Path(str(make()[1].options["key_file"]))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(("wrong", "fault"), [({"output": 7}, "no_such_output"), ({"door": 9}, "no_such_input")])
def test_wiring_that_the_device_has_not(make: Make, wrong: dict[str, int], fault: str) -> None:
    with pytest.raises(DeviceFault) as caught:
        make(**wrong)[0].open()
    assert caught.value.fault == fault


def test_a_beam_is_wired_twice_or_not_at_all(make: Make) -> None:
    with pytest.raises(ValidationError):
        make(beam_b=None)


def test_an_output_alone_knows_nothing(make: Make) -> None:
    driver, simulator = make(beam_a=None, beam_b=None, door=None, pulse_seconds=0.5)
    driver.open()
    assert driver.let_one_pass(5) is Crossing.UNKNOWN
    assert simulator.releases == 1
    until(lambda: not simulator.turnstile.released)


def test_a_session_that_the_device_has_forgotten_is_built_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = make()
    driver.open()
    monkeypatch.setattr(osdp, "SESSION_S", 0.0)
    assert driver.state() == CLOSED
    assert driver.let_one_pass(0.1) is Crossing.NOBODY
    assert simulator.releases == 1


def test_a_spoilt_answer_is_asked_for_again_and_releases_once(make: Make) -> None:
    driver, simulator = make()
    driver.open()
    simulator.garble(Garble.CHECKSUM)
    with contextlib.suppress(DriverError):
        driver.let_one_pass(0.1)
    assert simulator.releases <= 1
    until(lambda: not simulator.turnstile.released)


def test_unplugged_before_the_release(make: Make) -> None:
    driver, simulator = make()
    driver.open()
    simulator.unplug()
    with pytest.raises(LinkError) as caught:
        driver.let_one_pass(5)
    assert caught.value.effect is not Effect.YES
    assert simulator.releases == 0


def test_a_dead_host_cannot_leave_the_gate_open(make: Make) -> None:
    driver, simulator = make()
    driver.open()
    driver.close()
    options = {**simulator.options, "pulse_seconds": 1.5}
    code = f"from drivers.barrier.osdp import *; d = Osdp(OsdpOptions(**{options!r})); d.open(); d.let_one_pass(15)"
    with subprocess.Popen([sys.executable, "-c", code]) as child:
        assert simulator.wait_released(30)
        child.kill()
        child.wait()
    until(lambda: not simulator.turnstile.released)


def test_the_simulated_device_answers_captured_commands_as_captured(make: Make) -> None:
    """What the independent controller of the capture said, byte for byte, and what it was told."""
    simulator = make(key="")[1]
    fd = os.open(simulator.address, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(fd)
        for command, reply in (
            ("FF 53 65 08 00 04 60 60 90", "53 E5 08 00 04 40 D2 96"),
            ("FF 53 65 0C 00 05 68 00 02 00 00 74 7B", "53 E5 08 00 05 40 E3 A5"),
            ("FF 53 65 09 00 06 61 00 B9 14", "53 E5 14 00 06 45 BE BA FE 01 01 AF BE AD DE AD DE AD C5 0B"),
        ):
            os.write(fd, bytes.fromhex(command))
            wanted, received = bytes.fromhex(reply), b""
            while len(received) < len(wanted):
                assert select.select([fd], [], [], 20)[0]
                received += os.read(fd, 100)
            assert received.removeprefix(b"\xff") == wanted
    finally:
        os.close(fd)
