"""Checks measure the real device, fail with what to do, and never move a barrier unasked."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.kinds import BarrierState
from drivers.simulate.contract import Simulator
from drivers.simulate.gm65 import Gm65Simulator
from drivers.simulate.gy_614 import Gy614Simulator
from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from provisioning.calibrate import steps
from provisioning.calibrate.records import folder_of, kept
from provisioning.checks.contract import Checked, Depth, Result, Verdict, Who
from provisioning.checks.machine import check_machine
from provisioning.checks.run import check, newest
from provisioning.doctor import diagnose
from provisioning.site_text import with_table
from provisioning.talk import CannotDo, Exit
from tests.provisioning.technician import barrier_of


class At:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def site(tmp_path: Path, plugged: dict[str, Simulator]) -> Site:
    text = 'hall = "weinan"\nhall_name = "示例"\nterminal = "gate-1"\n\n[gate]\nlane = "1"\n'
    for key, simulator in plugged.items():
        options = {name: value for name, value in simulator.options.items() if isinstance(value, str | int | float)}
        text = with_table(text, ("gate", "devices", key.partition("/")[0]), {"driver": key, **options})
    file = tmp_path / "site.toml"
    file.write_text(text)
    return read_site(file)


def one(done: Checked, name: str) -> Result:
    return next(result for result in done.results if result.id == name)


def test_a_sound_thermometer_and_one_in_the_cold(site: Site, plugged: dict[str, Simulator]) -> None:
    thermometer = plugged["thermometer/gy-614"]
    assert isinstance(thermometer, Gy614Simulator)
    assert one(check(site, WallClock(), only="thermometer"), "gate.thermometer.readings").verdict is Verdict.PASS
    thermometer.ambient_c = 4.0
    cold = one(check(site, WallClock(), only="thermometer"), "gate.thermometer.readings")
    assert cold.verdict is Verdict.FAIL
    assert "cannot measure people here" in cold.remedy
    assert cold.who is Who.TECHNICIAN


def test_an_unplugged_device_says_what_to_do(site: Site, plugged: dict[str, Simulator]) -> None:
    plugged["id_reader/sam-v-serial"].unplug()
    done = check(site, WallClock(), only="gate.id_reader")
    assert [result.verdict for result in done.results] == [Verdict.FAIL]
    assert "plug" in done.results[0].remedy
    assert "not_present" in done.results[0].value


def test_a_black_camera(site: Site, plugged: dict[str, Simulator]) -> None:
    import numpy as np

    from tests.provisioning.technician import camera_of

    camera_of(plugged).scene = [np.zeros((480, 640, 3), np.uint8)]
    black = one(check(site, WallClock(), only="camera"), "gate.camera.pictures")
    assert black.verdict is Verdict.FAIL
    assert "cap" in black.remedy or "black" in black.value


def test_the_barrier_moves_with_consent_only(site: Site, plugged: dict[str, Simulator]) -> None:
    barrier = barrier_of(plugged)
    for depth in (Depth.QUICK, Depth.FULL):
        release = one(check(site, WallClock(), only="barrier", depth=depth), "gate.barrier.release")
        assert release.verdict is Verdict.NOT_RUN
        assert release.remedy
    assert barrier.releases == 0

    def person() -> None:
        assert barrier.wait_released(10)
        barrier.walk_through()

    walker = threading.Thread(target=person)
    walker.start()
    done = check(site, WallClock(), only="barrier", depth=Depth.FULL, barrier_consent=True)
    walker.join()
    assert one(done, "gate.barrier.release").value == "passed"
    assert barrier.releases == 1


class Hand:
    """A person who does what is asked."""

    def __init__(self, do: Callable[[str], None]) -> None:
        self._do = do

    def confirm(self, question: str) -> bool:
        return bool(question)

    def show(self, text: str) -> None:
        self._do(text)


@pytest.mark.parametrize("honest", [True, False])
def test_the_scanner_has_to_read_the_code_that_was_shown(
    site: Site, plugged: dict[str, Simulator], honest: bool
) -> None:
    scanner = plugged["code_scanner/gm65"]
    assert isinstance(scanner, Gm65Simulator)

    def hold(text: str) -> None:
        token = text.rpartition("(")[2].partition(")")[0]
        threading.Timer(0.3, scanner.show, [(token if honest else "KIOSK-CHECK-OTHER").encode()]).start()

    done = check(site, WallClock(), only="code_scanner", depth=Depth.INTERACTIVE, person=Hand(hold))
    assert one(done, "gate.code_scanner.echo").verdict is (Verdict.PASS if honest else Verdict.FAIL)


def test_results_are_kept_and_what_was_not_run_again_stays(site: Site) -> None:
    check(site, WallClock(), only="thermometer")
    check(site, WallClock(), only="machine")
    found = newest(site)
    assert found is not None
    ids = [result.id for result in found.results]
    assert "gate.thermometer.readings" in ids
    assert "machine.disk" in ids
    assert len(ids) == len(set(ids))


def test_a_quick_check_does_not_hide_what_a_full_one_found(site: Site) -> None:
    failed = check(site, WallClock(), only="barrier", depth=Depth.FULL, barrier_consent=True)  # and nobody comes
    assert one(failed, "gate.barrier.release").verdict is Verdict.FAIL
    quick = check(site, WallClock(), only="barrier")
    assert one(quick, "gate.barrier.release").verdict is Verdict.NOT_RUN
    found = newest(site)
    assert found is not None
    assert one(found, "gate.barrier.release").verdict is Verdict.FAIL
    assert len({result.id for result in found.results}) == len(found.results)


def test_a_device_that_is_not_there_is_named(site: Site) -> None:
    with pytest.raises(CannotDo, match=r"gate\.barrier") as caught:
        check(site, WallClock(), only="printer")
    assert caught.value.code is Exit.BAD_INPUT


def test_a_clock_in_1970(site: Site) -> None:
    results = {result.id: result for result in check_machine(site, At(datetime(1970, 1, 1, 0, 5, tzinfo=UTC)))}
    assert results["machine.clock"].verdict is Verdict.FAIL
    assert "battery" in results["machine.clock"].remedy


def test_a_little_memory(site: Site, tmp_path: Path) -> None:
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 2048 kB\nMemAvailable: 1024 kB\n")
    results = {result.id: result for result in check_machine(site, WallClock(), memory)}
    assert results["machine.memory"].verdict is Verdict.FAIL


def calibrated(site: Site, **changes: object) -> object:
    given: dict[str, object] = {"reference_c": 37.0, "reference": "BB-1 no 7", "by": "t7", **changes}
    return steps.thermometer(site, "gate", WallClock(), **given)  # type: ignore[arg-type]  # changed by name


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reference": " "}, "needs a reference"),
        ({"reference_c": 20.0}, "between 30 and 42"),
        ({"days": 9999}, "1 to 365"),
        ({"by": ""}, "--by"),
        ({"reference_c": 39.0}, "more than ±1"),
    ],
)
def test_a_calibration_outside_its_limits_is_refused(
    site: Site, plugged: dict[str, Simulator], changes: dict[str, object], says: str
) -> None:
    thermometer = plugged["thermometer/gy-614"]
    assert isinstance(thermometer, Gy614Simulator)
    thermometer.object_c = 36.8
    with pytest.raises(CannotDo, match=says):
        calibrated(site, **changes)
    assert not folder_of(site).exists()


def test_an_offset_is_kept_and_expires(site: Site, plugged: dict[str, Simulator]) -> None:
    thermometer = plugged["thermometer/gy-614"]
    assert isinstance(thermometer, Gy614Simulator)
    thermometer.object_c = 36.7
    calibrated(site, days=10)
    (found,) = kept(site, WallClock().now())
    assert abs(float(found.calibration.values["offset_c"]) - 0.3) < 0.2
    assert not found.signed  # no key yet
    assert not found.expired
    expires = found.calibration.expires
    assert expires is not None
    assert kept(site, expires)[0].expired
    assert any(
        one.where == "calibration.thermometer" for one in diagnose(site.path, At(expires), devices=False).findings
    )


@pytest.mark.parametrize(
    ("seen", "first"),
    [
        (["", "a", "ab", "b", ""], "a"),
        (["", "b", "ab", "a", ""], "b"),
        (["b", "", "a", "ab"], "a"),  # one was in the middle when the looking began
        (["", "ab", "b", "", "a"], "a"),  # the first beam was broken between two looks
        (["", "wait", "b", "", "a"], "a"),  # nobody looked for a moment
        (["ab", "b", ""], ""),
    ],
)
def test_who_was_not_seen_from_the_start_is_not_judged(
    monkeypatch: pytest.MonkeyPatch, seen: list[str], first: str
) -> None:
    now, looks = 0.0, iter(seen)

    class Seconds:
        @staticmethod
        def monotonic() -> float:
            return now

        @staticmethod
        def sleep(seconds: float) -> None:
            nonlocal now
            now += seconds

    def look() -> BarrierState:
        broken = next(looks, "")
        if broken == "wait":
            Seconds.sleep(0.3)
            broken = next(looks)
        return BarrierState(beam_a="a" in broken, beam_b="b" in broken, door_open=False)

    monkeypatch.setattr(steps, "time", Seconds)
    assert steps.first_beam(look, 2.0, lambda _text: None) == first


def test_beams_the_wrong_way_round_are_exchanged(site: Site, plugged: dict[str, Simulator]) -> None:
    barrier = barrier_of(plugged)
    site.path.write_text(with_table(site.path.read_text(), ("gate", "devices", "barrier"), {"beam_a": 1, "beam_b": 0}))
    wrong = read_site(site.path)

    seen = threading.Event()

    def arm() -> None:
        while not seen.wait(0.3):  # again and again: on a busy machine one is over before anybody looked
            barrier.turnstile.hold(6.0)  # pushed open by hand: nothing is released
            barrier.walk_through()

    person = threading.Thread(target=arm)
    try:
        done = steps.beams(wrong, WallClock(), by="t7", within=50, say=lambda _text: person.start())
    finally:
        seen.set()
        person.join()
    assert done.values["exchanged"] == "yes"
    right = read_site(site.path)
    options = right.devices["gate"][next(kind for kind in right.devices["gate"] if kind == "barrier")].options
    assert (options.model_dump()["beam_a"], options.model_dump()["beam_b"]) == (0, 1)
    assert barrier.releases == 0


def test_a_site_file_that_cannot_be_used_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text('hall = "h"\nhal_name = "h"\n')
    findings = diagnose(file, WallClock()).findings
    assert any("did you mean" in one.what for one in findings)
    assert {one.who for one in findings} == {Who.TECHNICIAN}
