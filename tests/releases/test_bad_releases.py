"""Whatever release comes, the terminal ends on one that works, and says which and why."""

import errno
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from kiosk.clock import WallClock
from provisioning.releases.boot.disk import Home
from provisioning.releases.boot.launcher import Limits
from provisioning.releases.source import Folder
from provisioning.releases.update import NotUpdated, Updates
from provisioning.talk import CannotDo, Exit
from tests.releases.conftest import (
    BUSY,
    CRASHES,
    FAILS_ITS_TEST,
    FREEZES,
    HANGS,
    HEAD,
    PATIENT,
    Terminal,
    Yard,
    new_yard,
    update_note,
)

# A release that hangs is found by waiting; the good one beside it is started again where it was too slow for this.
IMPATIENT = Limits(start=3.0, prove=0.2, silence=100.0, stop=10.0, again=0.05)
WATCHFUL = Limits(start=100.0, prove=2.0, silence=1.0, stop=10.0, again=0.05)
SERVES_UNTIL_DONE = (
    HEAD
    + """\
import pathlib
beats, done = pathlib.Path({beats!r}), pathlib.Path({done!r})
tell("X_BUSY=1")
tell("READY=1")
while True:
    tell("WATCHDOG=1")
    with beats.open("a") as stream:
        stream.write(".")
    if done.exists():
        tell("X_BUSY=0")
    time.sleep(0.02)
"""
)
MORE_THAN_WAIT_UNREAD = 60
"""Signs of life: the socket keeps ten (net.unix.max_dgram_qlen), then the sender waits for the launcher to read."""
GOOD_AS_A_GATE_ONLY = HEAD + 'if os.environ["KIOSK_PART"] == "desk":\n    sys.exit(3)\nlive()\n'


def refused(terminal: Terminal, why: str, version: str = "") -> None:
    """Bringing fails for this reason; the one before is untouched, and the reason is kept for the hub."""
    with pytest.raises(NotUpdated) as raised:
        terminal.bring(version)
    assert raised.value.why == why
    assert str(raised.value)
    note = update_note(terminal)
    assert (note["step"], note["why"]) == ("failed", why)
    assert terminal.home.running() == terminal.state()["running"] == "0.1.0"


def test_good(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    launcher = terminal.launch()
    terminal.until(lambda: launcher.proven == "0.1.0")
    assert terminal.bring() == "0.2.0"
    assert terminal.state()["phase"] == "trial"
    terminal.until(lambda: launcher.proven == "0.2.0")
    terminal.until(lambda: terminal.state()["phase"] == "proven")
    assert terminal.state()["previous"] == "0.1.0"
    assert terminal.bring() == ""  # again does nothing
    terminal.stop()


def test_tampered_file(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    file = yard.file_of("0.2.0")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    refused(terminal, "tampered")
    assert terminal.works() == "0.1.0"
    assert list(terminal.home.downloads.iterdir()) == []  # thrown away: the next try begins anew
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert terminal.bring() == "0.2.0"


def test_too_long_a_file(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    with yard.file_of("0.2.0").open("ab") as stream:
        stream.write(b"x" * 1_000_000)
    refused(terminal, "tampered")


def test_tampered_metadata(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    file = max(yard.repository.metadata.glob("*.targets.json"), key=lambda one: int(one.name.split(".")[0]))
    file.write_bytes(file.read_bytes().replace(b"0.2.0", b"0.3.0"))
    refused(terminal, "wrong_key")


def test_older_metadata_played_back(terminal: Terminal, yard: Yard) -> None:
    old = yard.folder / "old"
    shutil.copytree(yard.repository.path, old)
    yard.sign("0.2.0")
    assert terminal.updates().offers()[0].manifest.version == "0.2.0"
    shutil.rmtree(yard.repository.path)
    old.rename(yard.repository.path)
    refused(terminal, "older")


def test_older_release(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.0.9")
    refused(terminal, "older", "0.0.9")


def test_wrong_key(terminal: Terminal, yard: Yard, tmp_path: Path) -> None:
    stranger = new_yard(tmp_path / "yard", "stranger")
    stranger.sign("0.2.0")
    for _ in range(9):  # newer than all that is known here
        stranger.repository.hand_out(stranger.online, stranger.now)
    terminal.yard = stranger
    refused(terminal, "wrong_key")


def test_other_targets_key_does_not_sign(yard: Yard) -> None:
    out, manifest = yard.tarball("0.2.0")
    with pytest.raises(CannotDo, match="does not name this key"):
        yard.repository.add(out, manifest, yard.online, yard.now)


def test_expired_stamp_blocks_updating_never_running(terminal: Terminal, yard: Yard) -> None:
    out, manifest = yard.tarball("0.2.0")
    yard.repository.add(out, manifest, yard.targets, yard.now)
    yard.repository.hand_out(yard.online, yard.now - timedelta(days=15))
    refused(terminal, "expired")
    yard.repository.hand_out(yard.online, yard.now)  # stamped again
    assert terminal.bring() == "0.2.0"
    assert terminal.works() == "0.2.0"


def test_clock_in_1970(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")

    class Dead:
        def now(self) -> object:
            return WallClock().now().replace(year=1970)

    updates = Updates(terminal.home, Folder(yard.repository.path), Dead())  # type: ignore[arg-type]  # a clock
    with pytest.raises(NotUpdated) as raised:
        updates.bring(need=("gate",))
    assert raised.value.why == "clock"
    assert terminal.works() == "0.1.0"


def test_half_downloaded(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0", filler=1_500_000)

    class Torn(Folder):
        def pull(self, name: str, have: int = 0) -> Iterator[bytes]:
            for number, chunk in enumerate(super().pull(name, have)):
                if name.startswith("targets") and number == 2:
                    raise CannotDo(Exit.HUB, "the line broke")
                yield chunk

    torn = Updates(terminal.home, Torn(yard.repository.path), WallClock())
    with pytest.raises(NotUpdated) as raised:
        torn.bring(need=("gate",))
    assert raised.value.why == "cut"
    assert terminal.works() == "0.1.0"
    part = next(terminal.home.downloads.glob("*.part"))
    assert part.stat().st_size == 2 * 256 * 1024
    asked: list[int] = []

    class Counting(Folder):
        def pull(self, name: str, have: int = 0) -> Iterator[bytes]:
            if name.startswith("targets"):
                asked.append(have)
            return super().pull(name, have)

    Updates(terminal.home, Counting(yard.repository.path), WallClock()).bring(need=("gate",))
    assert asked == [2 * 256 * 1024]  # it went on from there
    assert terminal.works() == "0.2.0"


def test_disk_full_while_unpacking(terminal: Terminal, yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.sign("0.2.0", filler=100_000)

    def full(_home: Home, _unpacked: Path, _version: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Home, "place", full)
        refused(terminal, "disk_full")
    assert [one.name for one in terminal.home.releases.iterdir()] == ["0.1.0"]  # nothing half is left
    assert terminal.bring() == "0.2.0"


def test_too_little_room_is_said_before(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    out, manifest = yard.tarball("0.3.0")
    yard.repository.add(out, replace(manifest, unpacked=10**15), yard.targets, yard.now)
    yard.repository.hand_out(yard.online, yard.now)
    refused(terminal, "disk_full", "0.3.0")


def test_for_another_machine(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0", machine="pdp11")
    refused(terminal, "not_for_here")


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("program", "why", "limits"),
    [
        (CRASHES, "crashed", PATIENT),
        (HANGS, "hangs_at_start", IMPATIENT),
        (FAILS_ITS_TEST, "self_test", PATIENT),
        (FREEZES, "hangs", WATCHFUL),
        ("syntax error", "crashed", PATIENT),
    ],
)
def test_taken_back(terminal: Terminal, yard: Yard, program: str, why: str, limits: Limits) -> None:
    terminal.patience = 120
    yard.sign("0.2.0", program)
    launcher = terminal.launch(limits=limits)
    terminal.until(lambda: launcher.proven == "0.1.0")
    launcher.proven = ""
    assert terminal.bring() == "0.2.0"
    terminal.until(lambda: launcher.proven == "0.1.0")
    state = terminal.state()
    assert (state["running"], state["refused"], state["why"]) == ("0.1.0", "0.2.0", why)
    assert state["detail"]
    terminal.stop()
    refused(terminal, "refused_before")  # not tried again by itself
    yard.sign("0.3.0")  # the next one is
    assert terminal.bring() == "0.3.0"
    assert terminal.works() == "0.3.0"


def test_one_bad_moment_is_no_bad_release(terminal: Terminal, yard: Yard, tmp_path: Path) -> None:
    marker = tmp_path / "second"
    program = CRASHES.replace("sys.exit(3)", f"import pathlib\nm = pathlib.Path({str(marker)!r})\n")
    program += "if not m.exists():\n    m.touch()\n    sys.exit(3)\nlive()\n"
    yard.sign("0.2.0", program)
    terminal.bring()
    assert terminal.works() == "0.2.0"
    assert terminal.state()["refused"] == ""


def test_somebody_is_served_to_the_end(terminal: Terminal, yard: Yard, tmp_path: Path) -> None:
    beats, done = tmp_path / "beats", tmp_path / "done"
    yard.sign("0.2.0", SERVES_UNTIL_DONE.format(beats=str(beats), done=str(done)))
    terminal.bring()
    launcher = terminal.launch()
    terminal.until(lambda: launcher.proven == "0.2.0")
    yard.sign("0.3.0")
    terminal.bring()
    before = beats.stat().st_size
    terminal.until(lambda: beats.stat().st_size > before + MORE_THAN_WAIT_UNREAD)
    assert "starting 0.3.0" not in terminal.lines
    done.touch()
    terminal.until(lambda: launcher.proven == "0.3.0")


def test_nobody_keeps_a_release_away_for_ever(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0", BUSY)
    terminal.bring()
    launcher = terminal.launch(limits=Limits(start=100.0, prove=0.2, silence=100.0, stop=10.0, busy=0.5, again=0.05))
    terminal.until(lambda: launcher.proven == "0.2.0")
    yard.sign("0.3.0")
    terminal.bring()
    terminal.until(lambda: launcher.proven == "0.3.0")


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_two_parts_prove_it_together(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0", GOOD_AS_A_GATE_ONLY)
    terminal.patience = 120
    gate, desk = terminal.launch("gate"), terminal.launch("desk")
    terminal.until(lambda: gate.proven == desk.proven == "0.1.0")
    desk.proven = ""
    terminal.updates().bring(need=("gate", "desk"))
    terminal.until(lambda: terminal.state()["refused"] == "0.2.0")
    terminal.until(lambda: desk.proven == "0.1.0")
    terminal.until(lambda: gate.proven == "0.1.0")
    assert terminal.home.running() == "0.1.0"
