"""A new release is on trial until it has proven itself; then the one before is taken back, or forgotten.

The steps, each durable before the next. To try: `trial.json`, then `previous`, then `current`. To take back: the
refusal, then `current`, then `trial.json` goes. Wherever the power is cut, `settle` finishes or undoes it at the start.
"""

from dataclasses import dataclass

from .disk import Home, number_of

ATTEMPTS = 3
"""How often a release on trial may fail to come up."""


@dataclass(frozen=True)
class Trial:
    """A release that has to prove itself.

    Attributes:
        release: which.
        before: what is started again if it does not; empty for the first there is.
        need: the parts (roles) that have to prove it.
    """

    release: str
    before: str
    need: "tuple[str, ...]"


def trial_of(home: Home) -> "Trial | None":
    """The trial that is under way."""
    read = home.read(home.state / "trial.json")
    need = read.get("need")
    if not isinstance(read.get("release"), str) or not isinstance(need, list):
        return None
    return Trial(str(read["release"]), str(read.get("before", "")), tuple(str(one) for one in need))


def begin(home: Home, release: str, need: "tuple[str, ...]") -> None:
    """Switch to a release that is installed; from now on it is on trial."""
    before = home.running()
    for part in need:
        home.write(home.state / f"part-{part}.json", {"release": release, "attempts": 0, "proven": False})
    home.write(home.state / "trial.json", {"release": release, "before": before, "need": list(need)})
    if before:
        home.link(home.previous, f"releases/{before}")
    home.link(home.current, f"releases/{release}")


def attempt(home: Home, part: str, release: str) -> int:
    """Count a start before it happens, so that one that takes the machine down is counted, too."""
    file = home.state / f"part-{part}.json"
    read = home.read(file)
    count = read.get("attempts")
    tried = (count if isinstance(count, int) else 0) + 1 if read.get("release") == release else 1
    home.write(file, {"release": release, "attempts": tried, "proven": False})
    return tried


def prove(home: Home, part: str, release: str) -> bool:
    """Note that a part runs well; returns whether the trial is over."""
    home.write(home.state / f"part-{part}.json", {"release": release, "attempts": 0, "proven": True})
    trial = trial_of(home)
    if trial is None or trial.release != release:
        return False
    parts = [home.read(home.state / f"part-{one}.json") for one in trial.need]
    if not all(one.get("release") == release and one.get("proven") is True for one in parts):
        return False
    (home.refused_folder / f"{release}.json").unlink(missing_ok=True)
    home.remove(home.state / "trial.json")
    return True


def refuse(home: Home, release: str, why: str, detail: str = "") -> None:
    """Note why a release is not run here. It is not tried again by itself."""
    home.write(home.refused_folder / f"{release}.json", {"release": release, "why": why, "detail": detail[:400]})


def take_back(home: Home, trial: Trial, why: str, detail: str = "") -> None:
    """Go back to the release before; where there is none, the same is tried on."""
    if not trial.before or not (home.releases / trial.before).is_dir():
        return
    refuse(home, trial.release, why, detail)
    _finish(home, trial)


def _finish(home: Home, trial: Trial) -> None:
    home.link(home.current, f"releases/{trial.before}")
    home.remove(home.state / "trial.json")


def settle(home: Home) -> str:
    """After any power cut: finish or undo what was under way.

    Returns:
        The release to start; empty where there is none.
    """
    trial = trial_of(home)
    running = home.running()
    refused = home.refused()
    if trial is not None and trial.release != running:
        home.remove(home.state / "trial.json")  # cut before the switch, or after the way back
    elif trial is not None and trial.release in refused:
        _finish(home, trial)
    running = home.running()
    if not running:  # a link is lost: the newest that is whole and was never refused, else whatever is there
        there = home.installed()
        before = home.version_at(home.previous)
        choice = before or next((one for one in there if one not in refused), "") or (there[0] if there else "")
        if choice:
            home.link(home.current, f"releases/{choice}")
            running = choice
    return running


def state_of(home: Home) -> "dict[str, object]":
    """Which release runs here and why, for people and for the hub.

    Returns:
        `running`, `previous`, `phase` (`proven` or `trial`), and of the newest that was refused here `refused`, `why`
        and `detail`, empty where there is none.
    """
    trial, running = trial_of(home), home.running()
    refused = home.refused()
    newest = max(refused, key=number_of, default="")
    last = refused.get(newest, {})
    return {
        "running": running,
        "previous": home.version_at(home.previous),
        "phase": "trial" if trial is not None and trial.release == running else "proven",
        "refused": newest,
        "why": str(last.get("why", "")),
        "detail": str(last.get("detail", "")),
    }
