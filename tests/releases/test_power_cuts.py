"""The power fails after each durable step of an update; the terminal comes up on a release that works, and goes on."""

from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from tests.releases.conftest import Terminal, Yard


class PowerCut(BaseException):
    """Not caught by anything."""


def cutting(home: Path, at: int) -> tuple[Home, list[str]]:
    """A folder whose power fails after the step of this number."""
    steps: list[str] = []

    def after(step: str) -> None:
        steps.append(step)
        if len(steps) == at:
            raise PowerCut(step)

    return Home(home, after), steps


def comes_up(terminal: Terminal) -> str:
    """What a launcher would start after the power is back."""
    running = trial.settle(terminal.home)
    assert (terminal.home.releases / running / "bin/python").exists()
    assert (terminal.home.releases / running / "release.json").exists()
    return running


def test_at_each_step_of_an_update(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    at, cut = 0, True
    seen: list[str] = []
    while cut:
        at += 1
        home, steps = cutting(terminal.home.path, at)
        updates = terminal.updates()
        updates._home = home
        try:
            updates.bring(need=("gate",))
            cut = False
        except PowerCut as step:
            seen.append(str(step))
            running = comes_up(terminal)
            switched = "linked current to releases/0.2.0" in steps
            assert running == ("0.2.0" if switched else "0.1.0"), steps
            if switched:  # then it has to prove itself as ever
                assert trial.trial_of(terminal.home) is not None
            else:
                assert trial.trial_of(terminal.home) is None
            # the update goes on where it was; undone again for the next cut
            terminal.bring()
            assert comes_up(terminal) == "0.2.0"
            under_way = trial.trial_of(terminal.home)
            assert under_way is not None
            assert under_way.before == "0.1.0"
            trial.take_back(terminal.home, under_way, "crashed")
            (terminal.home.refused_folder / "0.2.0.json").unlink()
            terminal.home.forget({"0.1.0"})
    assert {"fetched", "unpacked", "placed 0.2.0", "wrote trial.json", "linked current to releases/0.2.0"} <= set(seen)
    assert terminal.works() == "0.2.0"


@pytest.mark.parametrize("at", range(1, 4))
def test_at_each_step_of_the_way_back(terminal: Terminal, yard: Yard, at: int) -> None:
    yard.sign("0.2.0")
    terminal.bring()
    under_way = trial.trial_of(terminal.home)
    assert under_way is not None
    home, _ = cutting(terminal.home.path, at)
    with pytest.raises(PowerCut):
        trial.take_back(home, under_way, "hangs", "no sign of life")
    assert comes_up(terminal) == "0.1.0"
    state = trial.state_of(terminal.home)
    assert (state["running"], state["phase"], state["refused"], state["why"]) == ("0.1.0", "proven", "0.2.0", "hangs")


@pytest.mark.parametrize("at", range(1, 3))
def test_while_it_is_proven(terminal: Terminal, yard: Yard, at: int) -> None:
    yard.sign("0.2.0")
    terminal.bring()
    home, _ = cutting(terminal.home.path, at)
    with pytest.raises(PowerCut):
        trial.prove(home, "gate", "0.2.0")
    assert comes_up(terminal) == "0.2.0"
    trial.prove(terminal.home, "gate", "0.2.0")
    assert trial.state_of(terminal.home)["phase"] == "proven"


def test_a_release_that_takes_the_machine_down_is_counted(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    terminal.bring()
    for number in range(1, trial.ATTEMPTS + 1):  # the count is durable before each start
        assert trial.settle(terminal.home) == "0.2.0"
        assert trial.attempt(terminal.home, "gate", "0.2.0") == number
    launcher = terminal.launch()
    terminal.until(lambda: launcher.proven != "")
    assert terminal.state()["running"] in {"0.1.0", "0.2.0"}


def test_a_lost_link_is_found_again(terminal: Terminal) -> None:
    terminal.home.current.unlink()
    assert comes_up(terminal) == "0.1.0"


def test_lost_key_drill(terminal: Terminal, yard: Yard) -> None:
    """One of three holders' keys is lost: the other two replace it, and terminals follow."""
    fresh = CryptoSigner.generate_ed25519()
    lost, kept = yard.holders[2], yard.holders[:2]
    from provisioning.talk import CannotDo

    with pytest.raises(CannotDo, match="only 1 of the 2"):
        yard.repository.rotate(
            [kept[0]], yard.now, lost={"root": [lost.public_key.keyid]}, fresh={"root": [fresh.public_key]}
        )
    version = yard.repository.rotate(
        [*kept, fresh], yard.now, lost={"root": [lost.public_key.keyid]}, fresh={"root": [fresh.public_key]}
    )
    assert version == 2
    yard.sign("0.2.0")
    assert terminal.bring() == "0.2.0"
    # the lost key alone, or with one that nobody knows, changes nothing any more
    with pytest.raises(CannotDo, match="only"):
        yard.repository.rotate([lost, CryptoSigner.generate_ed25519()], yard.now, lost={}, fresh={})


def test_stolen_targets_key_is_replaced(terminal: Terminal, yard: Yard) -> None:
    stolen, fresh = yard.targets, CryptoSigner.generate_ed25519()
    yard.repository.rotate(
        yard.holders[:2],
        yard.now,
        lost={"targets": [stolen.public_key.keyid]},
        fresh={"targets": [fresh.public_key]},
    )
    from provisioning.talk import CannotDo

    with pytest.raises(CannotDo, match="does not name this key"):
        yard.sign("0.2.0")
    yard.targets = fresh
    yard.sign("0.2.0")
    assert terminal.bring() == "0.2.0"


def test_two_holders_make_no_root(tmp_path: Path, yard: Yard) -> None:
    from provisioning.releases.repository import Repository
    from provisioning.talk import CannotDo

    with pytest.raises(CannotDo, match="3 holders"):
        Repository(tmp_path / "r").begin(
            [*yard.holders[:2], yard.holders[0]], yard.targets.public_key, yard.online.public_key, yard.now
        )
    with pytest.raises(CannotDo, match="nothing is begun anew"):
        yard.repository.begin(yard.holders, yard.targets.public_key, yard.online.public_key, yard.now)


def test_a_withdrawn_release_is_not_taken(terminal: Terminal, yard: Yard) -> None:
    yard.sign("0.2.0")
    yard.repository.withdraw("0.2.0", yard.targets, yard.now)
    yard.repository.hand_out(yard.online, yard.now)
    assert terminal.bring() == ""
    assert terminal.home.running() == "0.1.0"
