"""`kiosk-provision release …` for terminals: trust, install, update, status, back. The makers' part is in `making`."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from kiosk.clock import CHINA, WallClock
from kiosk.config import Site
from kiosk.wire.release import KIND, Wanted, within_hours
from provisioning.hub_line import HubLine, identity_in
from provisioning.options import SiteOption, read
from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from provisioning.releases.making import register as register_making
from provisioning.releases.source import Folder, FromHub, Source
from provisioning.releases.update import NotUpdated, Updates, trust
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up, step

group = typer.Typer(help="Releases: make, sign, bring to a terminal, take back.", no_args_is_help=True)
HomeOption = Annotated[
    Path, typer.Option("--home", help="Folder that releases live in.", envvar="KIOSK_HOME", file_okay=False)
]
HOME = Path("/opt/kiosk")
Again = Annotated[bool, typer.Option("--again", help="Also one that was taken back here before.")]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a command about releases did, and what runs now."""

    did: str
    running: str
    phase: str
    refused: str = ""
    why: str = ""


def _done(home: Home, did: str) -> Done:
    state = trial.state_of(home)
    return Done(
        did=did,
        running=str(state["running"]),
        phase=str(state["phase"]),
        refused=str(state["refused"]),
        why=str(state["why"]),
    )


def _show(console: Console, done: Done) -> None:
    if done.did:
        console.print(done.did, markup=False)
    console.print(f"running: {done.running} ({done.phase})" if done.running else "running: none", markup=False)
    if done.refused:
        console.print(f"not run: {done.refused} ({done.why})", markup=False)


def open_home(path: Path) -> Home:
    """The folder of releases.

    Raises:
        CannotDo: it cannot be made or written.
    """
    try:
        home = Home(path)
    except OSError as error:
        raise CannotDo(Exit.NOT_NOW, f"{path}: {error.strerror}; run as the terminal's user, or say --home") from error
    if not os.access(home.state, os.W_OK):
        raise CannotDo(Exit.NOT_NOW, f"{path} belongs to somebody else: run as the terminal's user")
    return home


@group.command("trust")
def trust_command(
    root: Annotated[Path, typer.Argument(help="1.root.json of the key ceremony.")],
    *,
    home: HomeOption = HOME,
    json: AsJson = False,
) -> None:
    """Take the root that releases are judged by; once, before the first release. Exit codes: 0; 2 no root; 4."""
    try:
        found = open_home(home)
        trust(found, _bytes(root))
    except CannotDo as error:
        give_up(error, as_json=json)
    done = _done(found, f"{root.name} is the root that releases are judged by")
    answer(done, lambda console: _show(console, done), as_json=json)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{file}: {error.strerror}") from error


@group.command("install")
def install_command(
    stick: Annotated[Path, typer.Argument(help="A repository of releases, e.g. on a stick.", file_okay=False)],
    *,
    site: SiteOption,
    version: Annotated[str, typer.Option(help="Which; the newest when left out.")] = "",
    again: Again = False,
    home: HomeOption = HOME,
    json: AsJson = False,
) -> None:
    """Install a release from a stick, without the hub. It is verified as one from the hub is.

    Exit codes: 0 it is on trial, or runs already; 2 bad input; 4 not now; 5 refused: tampered, older, wrong key, …
    """
    try:
        found = read(site)
        place = open_home(home)
        done = _bring(place, found, Folder(stick), version, again=again)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: _show(console, done), as_json=json)


def _bring(home: Home, site: Site, source: Source, version: str, *, again: bool, switch: bool = True) -> Done:
    brought = Updates(home, source, WallClock(), step).bring(version, again=again, need=site.roles, switch=switch)
    if not brought:
        return _done(home, "nothing to do: it runs already")
    return _done(home, f"{brought} is on trial: it has to prove itself" if switch else f"{brought} lies beside")


@group.command("update")
def update_command(
    *,
    site: SiteOption,
    now: Annotated[bool, typer.Option("--now", help="Also outside the hours that the hub says.")] = False,
    again: Again = False,
    home: HomeOption = HOME,
    json: AsJson = False,
) -> None:
    """Bring the release that the hub wants here: in its ring and hours, never one that is halted. Safe to repeat.

    Exit codes: 0 done, or nothing to do; 2 bad input; 3 the hub is away; 4 not now; 5 refused.
    """
    try:
        found, place = read(site), open_home(home)
        done = follow(found, place, at_once=now, again=again)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: _show(console, done), as_json=json)


def follow(site: Site, home: Home, *, at_once: bool = False, again: bool = False) -> Done:
    """Do what the hub wants.

    Raises:
        CannotDo: the terminal is not enrolled, the hub is away, or the release is not taken.
    """
    papers = identity_in(site.identity_of(site.roles[0]))
    if papers is None:
        raise CannotDo(Exit.NOT_NOW, "this terminal is not enrolled: enrol it, or release install FOLDER")
    with HubLine(papers) as line:
        signed = line.newest(KIND)
        if signed is None:
            return _done(home, "the hub wants no particular release")
        wanted = msgspec.json.decode(signed.body, type=Wanted)
        if wanted.release == home.running():
            Updates(home, FromHub(line), WallClock()).note("", "")
            return _done(home, "nothing to do: it runs already")
        if wanted.halted:
            return _done(home, f"{wanted.release} is halted: nothing is begun")
        before = home.refused().get(wanted.release)
        if before is not None and not again:
            return _done(home, f"{wanted.release} was taken back here ({before.get('why')}): --again tries it anew")
        in_time = at_once or within_hours(WallClock().now().astimezone(CHINA).hour, wanted)
        done = _bring(home, site, FromHub(line), wanted.release, again=again, switch=in_time)
        if not in_time:
            Updates(home, FromHub(line), WallClock()).note(wanted.release, "waiting")
        return done


@group.command("status")
def status_command(*, home: HomeOption = HOME, json: AsJson = False) -> None:
    """Which release runs here, and what became of others. Exit codes: 0; 1 one was taken back."""
    try:
        done = _done(open_home(home), "")
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: _show(console, done), as_json=json)
    if done.refused:
        raise typer.Exit(int(Exit.WRONG_FOUND))


@group.command("back")
def back_command(*, home: HomeOption = HOME, json: AsJson = False) -> None:
    """Go back to the release before, by hand. The one that runs now is not taken again by itself. Exit codes: 0; 4."""
    try:
        found = open_home(home)
        running, before = found.running(), found.version_at(found.previous)
        if not before or before == running:
            raise NotUpdated("missing", "there is no release from before here", Exit.NOT_NOW)
        trial.take_back(found, trial.Trial(running, before, ()), "by_hand")
    except CannotDo as error:
        give_up(error, as_json=json)
    done = _done(found, f"{before} runs again, {running} is not taken by itself")
    answer(done, lambda console: _show(console, done), as_json=json)


register_making(group)
