"""Binding writes the site file without losing a word of it, and never half of it."""

import os
import threading
import time
import tomllib
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator
from kiosk.clock import WallClock
from kiosk.config import read_site
from provisioning import site_text
from provisioning.bind import Wizard, bind, kinds_of, pick
from provisioning.discover import Discovery, Fit, Found
from provisioning.site_text import NewSite, toml, with_table
from provisioning.sockets import Wire, sockets
from provisioning.talk import CannotDo, Exit
from tests.provisioning.technician import tool

NEW = NewSite("weinan", "示例市政务服务中心", "gate-1", "0913-1234567", "东门 1")


def fit(kind: str, driver: str, address: str, needs: str = "") -> Found:
    options: dict[str, str | int | float | bool] = {"path" if kind == "camera" else "port": address}
    one = Fit(driver=driver, kind=kind, options=options, why="answered", needs=needs, proven_on="simulator")
    return Found(wire=Wire.SERIAL, address=address, fits=(one,))


GATE = (
    fit("id_reader", "id_reader/sam-v-serial", "/dev/a"),
    fit("camera", "camera/folder", "/dev/b"),
    fit("thermometer", "thermometer/gy-614", "/dev/c"),
    fit("code_scanner", "code_scanner/gm65", "/dev/d"),
    fit("barrier", "barrier/modbus-relay", "/dev/e"),
)


def discovery(*found: Found) -> Discovery:
    return Discovery(made=WallClock().now(), machine="test", found=found)


def test_a_new_site_file_is_whole_and_usable(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    chosen, doubts = pick(discovery(*GATE), {}, kinds_of("gate"))
    assert not doubts
    done = bind(site, "gate", chosen, new=NEW)
    assert done.written
    assert done.missing == ()
    assert read_site(site).gate is not None
    again = bind(site, "gate", chosen)
    assert not again.written
    assert not any(one.changed for one in again.bound)


def test_without_a_file_and_without_facts_it_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(CannotDo, match="--hall-name") as caught:
        bind(tmp_path / "site.toml", "gate", {})
    assert caught.value.code is Exit.BAD_INPUT


WRITTEN = """\
# of the hall at the east
hall = "weinan"   # as enrolled
hall_name = "示例"
terminal = "gate-1"

[gate]
lane = "1"

# the old one, changed in May
[gate.devices.thermometer]
driver = "thermometer/gy-614"  # the short one
port = "/dev/old"   # left of the door
emissivity = 0.97

# kept
[gate.devices.barrier]
driver = "barrier/modbus-relay"
port = "/dev/e"
"""


def test_comments_and_other_settings_stay(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(WRITTEN)
    bind(site, "gate", {"thermometer": GATE[2].fits[0]})
    assert site.read_text() == WRITTEN.replace('"/dev/old"', '"/dev/c"')


def test_another_driver_takes_no_options_of_the_old_one(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(WRITTEN)
    other = fit("thermometer", "thermometer/cjmcu-90614", "/dev/z").fits[0]
    bind(site, "gate", {"thermometer": other})
    read = tomllib.loads(site.read_text())["gate"]["devices"]["thermometer"]
    assert read == {"driver": "thermometer/cjmcu-90614", "port": "/dev/z"}
    assert "# the old one, changed in May" in site.read_text()
    assert "# kept" in site.read_text()


def test_a_shape_that_is_not_edited_is_left_alone(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    text = (
        'hall = "h"\nhall_name = "h"\nterminal = "t"\ngate = { lane = "1", devices = { barrier = { driver = "x" } } }\n'
    )
    site.write_text(text)
    with pytest.raises(CannotDo, match="write into \\[gate"):
        bind(site, "gate", {"thermometer": GATE[2].fits[0]})
    assert site.read_text() == text


def test_two_that_fit_are_never_guessed() -> None:
    twin = fit("code_scanner", "code_scanner/gm65", "/dev/d2")
    chosen, doubts = pick(discovery(*GATE, twin), {}, kinds_of("gate"))
    assert "code_scanner" not in chosen
    assert "--take code_scanner=ADDRESS" in doubts[0]
    chosen, doubts = pick(discovery(*GATE, twin), {"code_scanner": "/dev/d2"}, kinds_of("gate"))
    assert chosen["code_scanner"].options == {"port": "/dev/d2"}
    assert not doubts


def test_what_needs_a_decision_is_asked_for() -> None:
    board = fit("barrier", "barrier/modbus-relay", "/dev/e", needs="what is wired to it")
    chosen, doubts = pick(discovery(*GATE[:4], board), {}, ("barrier",))
    assert not chosen
    assert "--take barrier=/dev/e" in doubts[0]


def test_a_wish_that_cannot_be_met_names_what_can() -> None:
    with pytest.raises(CannotDo, match="/dev/d"):
        pick(discovery(*GATE), {"code_scanner": "/dev/nowhere"}, kinds_of("gate"))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site.toml"
    site.write_text(WRITTEN)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotDo, match="nothing was changed") as caught:
        bind(site, "gate", {"thermometer": GATE[2].fits[0]})
    assert caught.value.code is Exit.NOT_NOW
    assert site.read_text() == WRITTEN


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    assert not bind(site, "gate", {}, new=NEW, dry_run=True).written
    assert not site.exists()


@settings(max_examples=60, deadline=None)
@given(
    value=st.one_of(st.text(), st.integers(-(2**40), 2**40), st.booleans(), st.floats(-1e9, 1e9)),
    other=st.text(max_size=30),
)
def test_every_value_comes_back(value: str | float, other: str) -> None:
    text = with_table(f"a = {toml(other)} # with a comment\n[t]\n", ("t", "u"), {"key": value})
    assert tomllib.loads(text) == {"a": other, "t": {"u": {"key": value}}}
    changed = with_table(text, ("t", "u"), {"key": "other"})
    assert tomllib.loads(changed)["t"]["u"] == {"key": "other"}
    assert "# with a comment" in changed


def test_the_wizard_knows_twins_apart(tmp_path: Path) -> None:
    with ExitStack() as stack:
        scanners: list[Simulator] = []
        for number in range(2):
            scanners.append(start("code_scanner/gm65", tmp_path / f"port-{number}"))
            stack.callback(scanners[-1].close)
        said: list[str] = []

        def hands() -> None:
            while not said:
                time.sleep(0.02)
            scanners[1].unplug()
            while len(said) < 2:
                time.sleep(0.02)
            scanners[1].replug()

        thread = threading.Thread(target=hands)
        thread.start()
        stack.callback(thread.join)
        found = Wizard(lambda: sockets(simulate=tmp_path), said.append, within=50).find("code_scanner")
    assert "port-1" in found.address
    assert found.fits[0].driver == "code_scanner/gm65"


def test_the_wizard_gives_up_when_nobody_is_there(tmp_path: Path) -> None:
    with pytest.raises(CannotDo, match="no plug was pulled") as caught:
        Wizard(lambda: sockets(simulate=tmp_path), lambda _text: None, within=0.3).find("barrier")
    assert caught.value.code is Exit.NOT_NOW


def test_the_command_says_what_is_wrong_with_its_input(tmp_path: Path) -> None:
    wrong = tool("bind", "--site", tmp_path / "s.toml", "--role", "door", "--simulate", tmp_path)
    assert wrong.code == Exit.BAD_INPUT
    assert "gate or desk" in wrong.out["error"]


def test_a_value_is_never_a_table_by_mistake() -> None:
    with pytest.raises(CannotDo, match="not a table"):
        with_table('gate = "east"\n', ("gate", "devices", "lamp"), {"driver": "x"})
    with pytest.raises(CannotDo, match="is not TOML"):
        with_table("gate = \n", ("gate",), {"lane": "1"})
    assert site_text.toml('a"b\\c\n') == '"a\\"b\\\\c\\u000A"'
