"""Releases at the hub: the repository that terminals fetch from, which ring gets which, and the halt on failure.

The hub cannot make a release: it holds the online key of the repository's snapshot and timestamp only. Which release
a hall's terminals are to run is an edition like the rules', rolled out by the same steps (`hub.rules.stages`).
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from sqlalchemy import Connection
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets

from hub.data import DataFolder
from hub.files import write_durably
from hub.fleet import seen
from hub.fleet.live import TerminalKey
from hub.rules.publish import NotPublishable, newest, publish
from hub.rules.stages import EVERYBODY, Stage, edition, note_why, set_stage, stages
from kiosk.wire.fleet import Health
from kiosk.wire.release import KIND, Wanted, target_of
from kiosk.wire.release_signing import LIFE, NotStampable, signer_from, stamp, stamp_expires

_MOST_WHY: Final = 200
_MANY: Final = re.compile(r"([0-9]{1,6}) terminals")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")


@dataclass(frozen=True)
class Releases:
    """The repository in the hub's data folder."""

    data: DataFolder

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self.data.path / "releases"

    def file(self, kind: str, name: str) -> Path | None:
        """A file of the repository; None where there is none of that name."""
        if kind not in {"metadata", "targets"} or not _NAME.fullmatch(name):
            return None
        file = self.folder / kind / name
        return file if file.is_file() else None

    # ----------------------------------------------------------------------------------------------------------- keys

    def online_key(self) -> CryptoSigner:
        """The key of snapshot and timestamp; made at its first use."""
        file = self.data.keys / "release-online.pem"
        if not file.exists():
            key = Ed25519PrivateKey.generate()
            kept = serialization.PrivateFormat.PKCS8
            write_durably(file, key.private_bytes(serialization.Encoding.PEM, kept, serialization.NoEncryption()))
        return signer_from(file.read_bytes())

    def online_public(self) -> str:
        """Its public half, PEM: for the key ceremony."""
        self.online_key()
        key = serialization.load_pem_private_key((self.data.keys / "release-online.pem").read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise NotStampable("keys/release-online.pem is no Ed25519 key")
        kept = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_key().public_bytes(serialization.Encoding.PEM, kept).decode()

    # -------------------------------------------------------------------------------------------------------- content

    def newest(self, role: str) -> bytes | None:
        """The newest metadata of a role."""
        if role == "timestamp":
            file = self.folder / "metadata/timestamp.json"
            return file.read_bytes() if file.exists() else None
        numbered = {_number(one): one for one in (self.folder / "metadata").glob(f"*.{role}.json")}
        return numbered[max(numbered)].read_bytes() if numbered else None

    def versions(self) -> list[str]:
        """Releases that are here, by name of their files."""
        found = self.newest(Targets.type)
        if found is None:
            return []
        names = Metadata[Targets].from_bytes(found).signed.targets
        return sorted(name.removeprefix("kiosk-").removesuffix(".tar.gz") for name in names)

    def take(self, given: Path, now: datetime) -> list[str]:
        """Take what was signed elsewhere, verify it, and stamp it.

        Args:
            given: a repository's folder, as `release sign` made it.
            now: for the stamp.

        Returns:
            The releases that are here now.

        Raises:
            NotStampable: it is not signed by the holders that this hub knows, is older, or a file is not the one.
        """
        try:
            root = self._roots(given)
            files = {_number(one): one for one in (given / "metadata").glob("*.targets.json")}
            if not files:
                raise NotStampable(f"{given} has no signed releases: release sign, first")
            fresh = files[max(files)].read_bytes()
            root.verify_delegate(Targets.type, Metadata[Targets].from_bytes(fresh))
            targets = Metadata[Targets].from_bytes(fresh).signed
            before = self.newest(Targets.type)
            if before is not None and Metadata[Targets].from_bytes(before).signed.version > targets.version:
                raise NotStampable("what is given is older than what is here")
            (self.folder / "targets").mkdir(parents=True, exist_ok=True)
            for target in targets.targets.values():
                name = f"{target.hashes['sha256']}.{target.path}"
                place = self.folder / "targets" / name
                if not place.exists():
                    part = place.with_name(f".{name}.part")
                    shutil.copyfile(given / "targets" / name, part)
                    with part.open("rb") as stream:
                        target.verify_length_and_hashes(stream)
                    part.replace(place)
        except (RepositoryError, ValueError, OSError) as error:
            raise NotStampable(f"{given} cannot be taken: {error}") from error
        self._write(f"{targets.version}.targets.json", fresh)
        self.restamp(now)
        for file in (self.folder / "targets").iterdir():  # of releases that were withdrawn
            if file.name not in {f"{one.hashes['sha256']}.{one.path}" for one in targets.targets.values()}:
                file.unlink()
        return self.versions()

    def _roots(self, given: Path) -> Metadata[Root]:
        """Follow the roots that are given, each signed by the holders of the one before."""
        found = sorted((_number(one), one.read_bytes()) for one in (given / "metadata").glob("*.root.json"))
        known = self.newest(Root.type)
        if known is None:
            if not found:
                raise NotStampable(f"{given} has no root: release ceremony, first")
            known = found[0][1]
            first = Metadata[Root].from_bytes(known)
            first.verify_delegate(Root.type, first)
            self._write(f"{first.signed.version}.root.json", known)
        trusted = Metadata[Root].from_bytes(known)
        for number, content in found:
            if number <= trusted.signed.version:
                continue
            fresh = Metadata[Root].from_bytes(content)
            trusted.verify_delegate(Root.type, fresh)
            fresh.verify_delegate(Root.type, fresh)
            self._write(f"{number}.root.json", content)
            trusted = fresh
        return trusted

    def restamp(self, now: datetime, life: timedelta = LIFE) -> None:
        """Sign snapshot and timestamp anew.

        Raises:
            NotStampable: there is nothing to sign, or the root names another key.
        """
        root, targets = self.newest(Root.type), self.newest(Targets.type)
        if root is None or targets is None:
            raise NotStampable("no release is here yet: hub release add")
        fresh, stamped = stamp(
            root, targets, self.newest(Snapshot.type), self.newest("timestamp"), self.online_key(), now, life
        )
        self._write(f"{Metadata[Snapshot].from_bytes(fresh).signed.version}.snapshot.json", fresh)
        self._write("timestamp.json", stamped)

    def due(self, now: datetime) -> bool:
        """Whether half of the stamp's life is over."""
        stamped = self.newest("timestamp")
        return stamped is not None and stamp_expires(stamped) - now < LIFE / 2

    def export(self, to: Path) -> None:
        """Copy the whole repository, e.g. to a stick; it counts as long as its stamp does."""
        shutil.copytree(self.folder, to, dirs_exist_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        (self.folder / "metadata").mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / "metadata" / name, content, 0o644)


def _number(file: Path) -> int:
    first = file.name.split(".")[0]
    return int(first) if first.isdecimal() else 0


# ----------------------------------------------------------------------------------------------------------- the rings


def wanted_of(connection: Connection, stage: Stage) -> Wanted:
    """What an edition wants."""
    signed = edition(connection, KIND, stage.hall, stage.version)
    if signed is None:
        raise NotPublishable(f"edition {stage.version} of {stage.hall} is lost")
    return msgspec.json.decode(signed.body, type=Wanted)


def want(
    connection: Connection,
    key: Ed25519PrivateKey,
    hall: str,
    wanted: Wanted,
    now: datetime,
    *,
    share: int,
    names: Sequence[str] = (),
) -> Stage:
    """Have a hall's terminals run a release, those of a ring first.

    Args:
        connection: inside a writing transaction.
        key: the hub's signing key.
        hall: which.
        wanted: which release, and between which hours.
        now: the time.
        share: percent of the hall's terminals.
        names: terminals and groups besides.

    Raises:
        NotPublishable: see `set_stage`.
    """
    last = newest(connection, KIND, hall)
    publish(connection, key, KIND, hall, msgspec.json.encode(wanted), last.version + 1 if last else 1, now)
    return set_stage(connection, KIND, hall, share=share, names=names, narrow=True)


def widen(connection: Connection, hall: str, *, share: int, names: Sequence[str] = ()) -> Stage:
    """Roll the newest out to more terminals.

    Raises:
        NotPublishable: it is halted, or see `set_stage`.
    """
    known = stages(connection, KIND, hall)
    if known and wanted_of(connection, known[0]).halted:
        raise NotPublishable("it is halted: hub release resume, once it is known why it failed")
    return set_stage(connection, KIND, hall, share=share, names=names)


def halt(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> Stage | None:
    """Nobody who does not run the newest yet begins with it. None where nothing was under way."""
    known = stages(connection, KIND, hall)
    if not known:
        return None
    wanted = wanted_of(connection, known[0])
    if wanted.halted:
        return None
    return want(connection, key, hall, msgspec.structs.replace(wanted, halted=True), now, share=EVERYBODY)


def resume(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> Stage:
    """Go on as it was before the halt. Those that have failed by now are known: only another one halts it again.

    Raises:
        NotPublishable: nothing is halted.
    """
    known = stages(connection, KIND, hall)
    if len(known) < 2 or not wanted_of(connection, known[0]).halted:
        raise NotPublishable(f"nothing is halted in {hall}")
    wanted = msgspec.structs.replace(wanted_of(connection, known[0]), halted=False)
    stage = want(connection, key, hall, wanted, now, share=known[1].share, names=known[1].names)
    told = {each: last.health for each, last in seen.since(connection, None).items()}
    note_why(connection, stage, listed(failed(told, hall, wanted.release)))
    return stage


def failed(told: Mapping[TerminalKey, Health], hall: str, release: str) -> list[str]:
    """Terminals of a hall that took a release back, by what each said last."""
    return sorted(
        key.terminal
        for key, health in told.items()
        if key.hall == hall and health.release is not None and health.release.refused == release
    )


def listed(terminals: Sequence[str]) -> str:
    """Those that have failed, as it is kept with an edition: their names, or how many they are."""
    names = ", ".join(terminals)
    return names if len(names) <= _MOST_WHY else f"{len(terminals)} terminals"


def are_known(why: str, terminals: Sequence[str]) -> bool:
    """Whether these had failed when somebody resumed.

    Args:
        why: Of `listed`, then.
        terminals: Those that have failed by now.
    """
    if many := _MANY.fullmatch(why):
        return len(terminals) <= int(many[1])
    return set(terminals) <= set(why.split(", "))


def check_here(releases: Releases, version: str) -> None:
    """Refuse a release that is not in the repository.

    Raises:
        NotPublishable: says which there are.
    """
    if version not in releases.versions():
        there = ", ".join(releases.versions()) or "none: hub release add"
        raise NotPublishable(f"{target_of(version)} is not here; there are: {there}")
