"""A release on its way to a terminal: found, fetched, verified, unpacked beside the current one, put on trial.

Nothing that runs is touched before everything is here, verified and durable. A failure leaves what runs as it is.
"""

import os
import platform
import shutil
import sys
import tarfile
from dataclasses import dataclass
from datetime import datetime
from errno import ENOSPC
from pathlib import Path
from typing import Final

import msgspec
from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.ngclient import Updater, UpdaterConfig

from kiosk.clock import Clock
from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home, number_of, sync_folder
from provisioning.releases.boot.launcher import place_boot
from provisioning.releases.repository import Manifest
from provisioning.releases.source import Fetcher, Missing, Source
from provisioning.releases.unpack import unpack
from provisioning.talk import CannotDo, Exit, Say

MARGIN: Final = 64 * 1024 * 1024
"""Stays free on the disk while a release is unpacked."""
TRIAL_S: Final = 24 * 3600.0
_CLIENT: Final = "metadata"


class NotUpdated(CannotDo):
    """A release was not installed; what ran before runs on.

    Attributes:
        why: stable: `tampered`, `older`, `wrong_key`, `expired`, `unreachable`, `cut`, `disk_full`, `missing`,
            `not_for_here`, `refused_before`, `clock`, `untrusted`, `on_trial`.
    """

    def __init__(self, why: str, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(code, message)
        self.why = why


@dataclass(frozen=True)
class Offer:
    """A release that the signed metadata names."""

    manifest: Manifest
    target: TargetFile


def trust(home: Home, root: bytes) -> None:
    """Take a root as the one that everything is judged by; only where there is none yet.

    Raises:
        CannotDo: there is another, or it is none.
    """
    file = home.metadata / "root.json"
    if file.exists():
        return
    try:
        Updater(str(home.metadata), "r/", fetcher=None, bootstrap=root)
    except (tuf.RepositoryError, ValueError) as error:
        raise CannotDo(Exit.BAD_INPUT, f"this is no root of releases: {error}") from error


class Updates:
    """Brings releases to one terminal.

    Args:
        home: where they live.
        source: where they come from.
        clock: this machine's time.
        say: told each step.
    """

    def __init__(self, home: Home, source: Source, clock: Clock, say: Say = lambda _text: None) -> None:
        self._home, self._source, self._clock, self._say = home, source, clock, say

    def offers(self) -> list[Offer]:
        """Every release that is signed, the newest first.

        Raises:
            NotUpdated: the metadata cannot be trusted, or not be fetched.
        """
        root = self._home.metadata / "root.json"
        if not root.exists():
            raise NotUpdated(
                "untrusted", "no root of releases is known here: release trust ROOT.json, from the ceremony"
            )
        self._check_clock()
        config = UpdaterConfig(app_user_agent="kiosk")
        try:
            client = Updater(
                str(self._home.metadata), f"{_CLIENT}/", fetcher=Fetcher(self._source), config=config, bootstrap=None
            )
            client.refresh()
            read = Metadata[Targets].from_bytes((self._home.metadata / "targets.json").read_bytes()).signed
        except (tuf.RepositoryError, tuf.DownloadError, OSError, ValueError) as error:
            raise _in_words(error) from error
        found = []
        for target in read.targets.values():
            try:
                manifest = msgspec.convert(target.unrecognized_fields.get("custom"), Manifest)
            except msgspec.ValidationError:
                continue  # a kind of target of a later release
            found.append(Offer(manifest, target))
        return sorted(found, key=lambda one: number_of(one.manifest.version), reverse=True)

    def _check_clock(self) -> None:
        """A clock before the release that runs was made says nothing of what has expired."""
        made = self._home.read(self._home.current / "release.json").get("made")
        if isinstance(made, str) and self._clock.now() < datetime.fromisoformat(made):
            raise NotUpdated("clock", "this machine's clock is older than the release it runs: set it, then update")

    def bring(self, version: str = "", *, again: bool = False, need: tuple[str, ...], switch: bool = True) -> str:
        """Fetch a release, install it beside the current one, and put it on trial.

        Args:
            version: which; the newest when left out.
            again: also one that was taken back here before.
            need: the parts (roles) that have to prove it.
            switch: put it on trial at once; else it stays beside.

        Returns:
            The version, or empty when it is the one that runs.

        Raises:
            NotUpdated: says why; the same is in `HOME/state/update.json` for the hub.
        """
        try:
            done = self._bring(version, again=again, need=need, switch=switch)
        except NotUpdated as error:
            self.note(version, "failed", error.why, str(error))
            raise
        except OSError as error:
            failed = self._full() if error.errno == ENOSPC else _in_words(error)
            self.note(version, "failed", failed.why, str(failed))
            raise failed from error
        self.note(done, "installed" if done else "")
        return done

    def note(self, wanted: str, step: str, why: str = "", detail: str = "") -> None:
        """Note how far it is, for the hub."""
        content: dict[str, object] = {"wanted": wanted, "step": step, "why": why, "detail": detail[:400]}
        if self._home.read(self._home.state / "update.json") != content:
            self._home.write(self._home.state / "update.json", content)

    def _bring(self, version: str, *, again: bool, need: tuple[str, ...], switch: bool) -> str:
        offers = self.offers()
        if not offers:
            raise NotUpdated("missing", "no release is signed yet")
        offer = next((one for one in offers if one.manifest.version == version), None) if version else offers[0]
        if offer is None:
            there = ", ".join(one.manifest.version for one in offers)
            raise NotUpdated("missing", f"release {version} is not there; there are: {there}")
        manifest, running = offer.manifest, self._home.running()
        if manifest.version == running:
            return ""
        self._allowed(manifest, running, again=again)
        if manifest.version not in self._home.installed():
            self._say(f"fetching {manifest.version}: {offer.target.length / 1e6:.1f} MB")
            self.note(manifest.version, "downloading")
            tarball = self._fetch(offer)
            self._say("unpacking")
            self._unpack(tarball, manifest)
            tarball.unlink()
        if switch:
            self._say(f"switching from {running or 'nothing'} to {manifest.version}")
            trial.begin(self._home, manifest.version, need)
            self._home.forget({manifest.version, running} - {""})
            if not (self._home.path / "boot").exists():
                place_boot(self._home, Path(__file__).parent / "boot", manifest.version)
        return manifest.version

    def _allowed(self, manifest: Manifest, running: str, *, again: bool) -> None:
        version = manifest.version
        if running and number_of(version) < number_of(running):
            raise NotUpdated(
                "older", f"{version} is older than {running}, which runs: to go back, sign the old one as a new version"
            )
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        if manifest.python != here or manifest.machine not in {"any", platform.machine()}:
            raise NotUpdated(
                "not_for_here",
                f"{version} is for Python {manifest.python} on {manifest.machine}, "
                f"this is Python {here} on {platform.machine()}",
            )
        before = self._home.refused().get(version)
        if before is not None and not again:
            raise NotUpdated("refused_before", f"{version} was taken back here before ({before.get('why')}): --again")
        under_way = trial.trial_of(self._home)
        if under_way is not None and under_way.release == running and self._is_fresh():
            raise NotUpdated("on_trial", f"{running} is still on trial: wait until it has proven itself", Exit.NOT_NOW)
        free = shutil.disk_usage(self._home.path).free
        if free < manifest.unpacked + MARGIN:
            self._home.forget({running, self._home.version_at(self._home.previous)} - {""})
            if shutil.disk_usage(self._home.path).free < manifest.unpacked + MARGIN:
                raise self._full()

    def _is_fresh(self) -> bool:
        """Whether the trial began within a day: a part that is not started any more must not block updates for ever."""
        try:
            began = (self._home.state / "trial.json").stat().st_mtime
        except OSError:
            return False
        return self._clock.now().timestamp() - began < TRIAL_S

    def _full(self) -> NotUpdated:
        for left in self._home.releases.glob(".*"):
            shutil.rmtree(left, ignore_errors=True)
        return NotUpdated("disk_full", "the disk is full: make room (old logs), then update again", Exit.NOT_NOW)

    # ------------------------------------------------------------------------------------------------------- fetching

    def _fetch(self, offer: Offer) -> Path:
        """Fetch and verify; goes on where it was cut."""
        digest = offer.target.hashes["sha256"]
        whole = self._home.downloads / f"{digest}.tar.gz"
        part = whole.with_suffix(".part")
        for other in self._home.downloads.iterdir():
            if other not in {whole, part}:
                other.unlink()
        if not whole.exists():
            self._pull(offer, part)
            part.replace(whole)
            sync_folder(self._home.downloads)
            self._home.step("fetched")
        try:
            with whole.open("rb") as stream:
                offer.target.verify_length_and_hashes(stream)
        except tuf.LengthOrHashMismatchError as error:
            whole.unlink()
            raise NotUpdated(
                "tampered", f"the file of {offer.manifest.version} is not the one that was signed: it was thrown away"
            ) from error
        return whole

    def _pull(self, offer: Offer, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        if have:
            self._say(f"going on at {have / 1e6:.1f} MB")
        name = f"targets/{offer.target.hashes['sha256']}.{offer.target.path}"
        try:
            with part.open("ab") as stream:
                for chunk in self._source.pull(name, have):
                    have += len(chunk)
                    if have > offer.target.length:
                        break  # it is too long to be the one: the digest will say so
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
        except Missing as error:
            raise NotUpdated("missing", f"the file of {offer.manifest.version} is not there") from error
        except CannotDo as error:
            raise NotUpdated("cut", str(error), error.code) from error
        if have < offer.target.length:
            raise NotUpdated("cut", f"it ended after {have} of {offer.target.length} bytes: update again", Exit.HUB)

    def _unpack(self, tarball: Path, manifest: Manifest) -> None:
        fresh = self._home.releases / f".{manifest.version}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            with tarfile.open(tarball, "r:gz") as archive:
                unpack(archive, fresh)
            said = msgspec.json.decode((fresh / "release.json").read_bytes(), type=Manifest)
        except (tarfile.TarError, EOFError, msgspec.DecodeError, FileNotFoundError) as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise NotUpdated("tampered", f"the file of {manifest.version} is no release: {error}") from error
        if said.version != manifest.version:
            shutil.rmtree(fresh, ignore_errors=True)
            raise NotUpdated("tampered", f"the file of {manifest.version} says that it is {said.version}")
        link_python(fresh)
        self._home.place(fresh, manifest.version)


def link_python(release: Path) -> None:
    """Tie a release to this machine's interpreter: the one that runs this, without the environment it is in."""
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    folder = release / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "python").unlink(missing_ok=True)
    (folder / "python").symlink_to(interpreter)
    (release / "pyvenv.cfg").write_text(
        f"home = {interpreter.parent}\ninclude-system-site-packages = false\n", encoding="utf-8"
    )


def _in_words(error: Exception) -> NotUpdated:
    """Why metadata or a file was not taken."""
    text = str(error)
    match error:
        case tuf.ExpiredMetadataError():
            return NotUpdated(
                "expired",
                "the stamp of the releases has expired: the hub has to stamp them again (or make a fresh stick). What "
                "runs here runs on",
            )
        case tuf.BadVersionNumberError() | tuf.EqualVersionNumberError():
            return NotUpdated("older", f"somebody offers metadata older than what is known here: {text}")
        case tuf.UnsignedMetadataError():
            return NotUpdated("wrong_key", f"not signed by the keys that the root names: {text}")
        case tuf.RepositoryError():
            return NotUpdated("tampered", f"the metadata is not what was signed: {text}")
        case tuf.DownloadError() if isinstance(error.__cause__, CannotDo):
            return NotUpdated("unreachable", str(error.__cause__), error.__cause__.code)
        case _:
            return NotUpdated("unreachable", f"it could not be fetched or stored: {text}", Exit.NOT_NOW)
