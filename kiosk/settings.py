"""The hub's settings for this terminal: taken when signed and sound, tried with a self-test, and taken back by itself.

Three files beside the store: `good.json`, what was proven; `trial.json`, what is tried now; `refused.json`, what did
not do. The site file stays as the technician wrote it. A new edition is begun by starting the program again, when
nobody is being served; it counts as proven when every device that it sets up otherwise has come up. If one does not,
or the program does not stay up, the one before is in force again at the next start, and the hub is told why.
"""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import anyio
import msgspec
from anyio.to_thread import run_sync

from kiosk.config import Role, Site, SiteFileError, read_raw, site_of
from kiosk.log import logger
from kiosk.wire.fleet import EditionRefused, Signed
from kiosk.wire.identity import sync_folder
from kiosk.wire.signed import BadSignature, verify
from kiosk.wire.site import KIND, BadSettings, SiteEdition, Tree, changed_devices, merged, settings_for

T = TypeVar("T")
_log = logger("settings")
FOLDER: Final = "settings"
TRIES: Final = 2
"""Starts with an edition that was not proven yet; a terminal that loses its power once is no bad edition."""
PROVE_SECONDS: Final = 90.0
"""So long its devices may take to come up."""
STAY_SECONDS: Final = 10.0
"""And so long they have to stay up."""


class _Trial(msgspec.Struct):
    signed: Signed
    starts: int = 0


def _write(file: Path, content: bytes) -> None:
    """Durably, and whole or not at all."""
    new = file.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    sync_folder(file.parent)


def _remove(file: Path) -> None:
    if file.exists():
        file.unlink()
        sync_folder(file.parent)


@dataclass(frozen=True)
class Chosen:
    """What a start goes by.

    Attributes:
        site: the site file with the settings in force.
        trial: the edition that is tried; None where what is in force is proven.
        changed: names of the devices that the trial sets up otherwise than what was proven.
    """

    site: Site
    trial: int | None
    changed: frozenset[str]


class Settings:
    """The settings of one role.

    Args:
        local: its site file, as it was read.
        role: which role.
        terminal: the role's name at the hub.
        rules_key: the hub's signing key, 32 raw bytes.

    Attributes:
        version: of the edition in force, tried or proven; 0 for none.
        refused: the newest edition that did not do here, and why.
    """

    def __init__(self, local: Site, role: Role, terminal: str, rules_key: bytes) -> None:
        self._local, self._role, self._terminal, self._key = local, role, terminal, rules_key
        self._folder = local.data / role / FOLDER
        self.version = 0
        self.refused: EditionRefused | None = None
        self._applied: Tree = {}

    def begin(self) -> Chosen:
        """Choose what this start goes by; counts a trial's start.

        Raises:
            SiteFileError: the site file itself cannot be used.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.refused = self._read(self._folder / "refused.json", EditionRefused)
        text, raw = read_raw(self._local.path)
        good = self._read(self._folder / "good.json", Signed)
        base, proven = self._with(raw, text, good)
        if proven is None:
            base, proven, good = raw, self._local, None
        trial = self._read(self._folder / "trial.json", _Trial)
        if trial is not None:
            tried = self._begin_trial(trial, raw, text)
            if tried is not None:
                self.version, self._applied = trial.signed.version, tried[0]
                return Chosen(tried[1], self.version, changed_devices(base, tried[0], self._role))
        self.version, self._applied = (0 if good is None else good.version), base
        return Chosen(proven, None, frozenset())

    def _begin_trial(self, trial: _Trial, raw: Mapping[str, object], text: str) -> tuple[Tree, Site] | None:
        if trial.starts >= TRIES:
            self._refuse(trial.signed.version, f"the program did not stay up with it, {trial.starts} times")
            return None
        _write(self._folder / "trial.json", msgspec.json.encode(_Trial(trial.signed, trial.starts + 1)))
        tree, site = self._with(raw, text, trial.signed)
        if site is None:
            self._refuse(trial.signed.version, "it does not fit the site file any more")
            return None
        return tree, site

    def _with(self, raw: Mapping[str, object], text: str, signed: Signed | None) -> tuple[Tree, Site | None]:
        """The site file with an edition; None where that cannot be used."""
        if signed is None:
            return dict(raw), None
        try:
            return self._merged(raw, text, signed)
        except (BadSignature, BadSettings, SiteFileError, msgspec.MsgspecError) as error:
            _log.error("settings from the hub cannot be used", version=signed.version, why=str(error)[:300])
            return dict(raw), None

    def _merged(self, raw: Mapping[str, object], text: str, signed: Signed) -> tuple[Tree, Site]:
        edition = msgspec.json.decode(verify(signed, self._key), type=SiteEdition)
        tree = merged(raw, settings_for(edition, self._terminal))
        return tree, site_of(tree, text, self._local.path)

    @staticmethod
    def _read(file: Path, kind: type[T]) -> T | None:
        try:
            return msgspec.json.decode(file.read_bytes(), type=kind)
        except (OSError, msgspec.DecodeError):
            return None

    async def take(self, signed: Signed) -> bool:
        """Take an edition that came; whether the program has to start again to try it.

        Args:
            signed: of kind `site`, verified by the uplink.
        """
        if signed.version <= self.version or (self.refused is not None and signed.version <= self.refused.version):
            return False
        return await run_sync(self._take, signed)

    def _take(self, signed: Signed) -> bool:
        try:
            text, raw = read_raw(self._local.path)
            tree, _ = self._merged(raw, text, signed)
        except (BadSignature, BadSettings, SiteFileError, msgspec.MsgspecError) as error:
            self._refuse(signed.version, str(error).replace(str(self._local.path), "site"))
            return False
        trial = self._folder / "trial.json"
        if tree == self._applied and not trial.exists():
            _write(self._folder / "good.json", msgspec.json.encode(signed))  # nothing in it is for this terminal
            self._hold(signed.version)
            return False
        _write(trial, msgspec.json.encode(_Trial(signed)))
        _log.info("settings to be tried", version=signed.version)
        return True

    def _hold(self, version: int) -> None:
        self.version = version
        if self.refused is not None and self.refused.version <= version:
            self.refused = None
            _remove(self._folder / "refused.json")

    def _refuse(self, version: int, why: str) -> None:
        _log.error("settings from the hub refused", version=version, why=why[:300])
        self.refused = EditionRefused(version=version, why=why[:400])
        _write(self._folder / "refused.json", msgspec.json.encode(self.refused))
        _remove(self._folder / "trial.json")

    async def prove(
        self,
        chosen: Chosen,
        working: Callable[[], Iterable[str]],
        start_again: Callable[[], Awaitable[None]],
        within: float = PROVE_SECONDS,
        stay: float = STAY_SECONDS,
    ) -> None:
        """See whether the devices of a trial come up and stay up; go back if not.

        Args:
            chosen: of `begin`.
            working: names of the devices that work now.
            start_again: ends the program, when nobody is being served.
            within: seconds they may take.
            stay: seconds they have to work without a break.
        """
        if chosen.trial is None:
            return
        up_since: float | None = None
        with anyio.move_on_after(within):
            while True:
                missing = chosen.changed - set(working())
                now = anyio.current_time()
                up_since = None if missing else (up_since if up_since is not None else now)
                if up_since is not None and now - up_since >= stay:
                    await run_sync(self._proven, chosen.trial)
                    return
                await anyio.sleep(0.5)
        missing = chosen.changed - set(working())
        why = f"did not come up: {', '.join(sorted(missing))}" if missing else "its devices did not stay up"
        await run_sync(self._refuse, chosen.trial, why)
        await start_again()

    def _proven(self, version: int) -> None:
        trial = self._read(self._folder / "trial.json", _Trial)
        if trial is None or trial.signed.version != version:
            return  # a newer one came meanwhile, and is tried at the next start
        _write(self._folder / "good.json", msgspec.json.encode(trial.signed))
        _remove(self._folder / "trial.json")
        self._hold(version)
        _log.info("settings proven", version=version)

    def held(self) -> dict[str, int]:
        """As the hub is told."""
        return {KIND: self.version}

    def not_taken(self) -> dict[str, EditionRefused]:
        """As the hub is told."""
        return {} if self.refused is None else {KIND: self.refused}
