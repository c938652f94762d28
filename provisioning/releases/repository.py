"""The repository of releases: a folder with signed metadata (TUF) and the releases' files.

metadata/1.root.json …   who may sign what; 2 of 3 holders' keys
metadata/N.targets.json  which releases there are: length, SHA-256, what they need
metadata/N.snapshot.json, timestamp.json    see `kiosk.wire.release_signing`
targets/SHA256.kiosk-0.2.0.tar.gz
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from kiosk.wire.release import target_of
from kiosk.wire.release_signing import LIFE, NotStampable, stamp
from provisioning.releases.boot.disk import VERSION, number_of
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit

ROOT_LIFE: Final = timedelta(days=3 * 365)
TARGETS_LIFE: Final = timedelta(days=365)
THRESHOLD: Final = 2
HOLDERS: Final = 3


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a release says of itself: `release.json` in it, and in the targets' metadata.

    Attributes:
        version: three numbers.
        made: date of the sources, UTC.
        python: the interpreter it needs, e.g. `3.11`.
        machine: e.g. `x86_64`; `any` where nothing in it is compiled.
        schema: of the terminal's store, after this release has run.
        unpacked: bytes.
    """

    version: str
    made: datetime
    python: str
    machine: str
    schema: int
    unpacked: int = 0


@dataclass(frozen=True)
class Repository:
    """A repository's folder."""

    path: Path

    @property
    def metadata(self) -> Path:
        """Where its metadata is."""
        return self.path / "metadata"

    @property
    def targets(self) -> Path:
        """Where its files are."""
        return self.path / "targets"

    def newest(self, role: str) -> bytes | None:
        """The newest metadata of a role, as it was signed; None before the first."""
        if role == Timestamp.type:
            file = self.metadata / "timestamp.json"
            return file.read_bytes() if file.exists() else None
        found = [one for one in self.metadata.glob(f"*.{role}.json") if one.name.split(".")[0].isdecimal()]
        return max(found, key=lambda one: int(one.name.split(".")[0])).read_bytes() if found else None

    def root(self) -> Metadata[Root]:
        """The newest root.

        Raises:
            CannotDo: there is none.
        """
        found = self.newest(Root.type)
        if found is None:
            raise CannotDo(Exit.NOT_NOW, f"{self.path} is no repository: begin with release ceremony")
        return Metadata[Root].from_bytes(found)

    def content(self) -> Targets:
        """Which releases there are; none before the first."""
        found = self.newest(Targets.type)
        if found is not None:
            return Metadata[Targets].from_bytes(found).signed
        none = Targets()
        none.version = 0
        return none

    def releases(self) -> list[str]:
        """Versions that are signed, the newest first."""
        found = [
            msgspec.convert(one.unrecognized_fields["custom"], Manifest) for one in self.content().targets.values()
        ]
        return sorted((one.version for one in found), key=number_of, reverse=True)

    def _write(self, name: str, content: bytes) -> None:
        self.metadata.mkdir(parents=True, exist_ok=True)
        write_whole(self.metadata / name, content, 0o644)

    # --------------------------------------------------------------------------------------------------------- roots

    def begin(self, holders: list[CryptoSigner], targets: Key, online: Key, now: datetime) -> int:
        """Make the first root. Every holder signs.

        Args:
            holders: the three.
            targets: public key that signs which releases there are.
            online: public key of whoever hands them out.
            now: it counts from.

        Returns:
            Its version, 1.

        Raises:
            CannotDo: there is a root, or there are not three holders.
        """
        if self.newest(Root.type) is not None:
            raise CannotDo(Exit.REFUSED, f"{self.path} has a root: release rotate changes keys, nothing is begun anew")
        if len({one.public_key.keyid for one in holders}) != HOLDERS:
            raise CannotDo(Exit.BAD_INPUT, f"a root has {HOLDERS} holders with keys of their own")
        root = Root(version=1, expires=(now + ROOT_LIFE).replace(microsecond=0), consistent_snapshot=True)
        for holder in holders:
            root.add_key(holder.public_key, Root.type)
        root.roles[Root.type].threshold = THRESHOLD
        root.add_key(targets, Targets.type)
        root.add_key(online, Snapshot.type)
        root.add_key(online, Timestamp.type)
        return self._sign_root(root, holders)

    def rotate(
        self, present: list[CryptoSigner], now: datetime, *, lost: dict[str, list[str]], fresh: dict[str, list[Key]]
    ) -> int:
        """Make the next root, with other keys. Two holders of the root before sign, and two of the new one.

        Args:
            present: holders who sign, old and new ones.
            now: it counts from.
            lost: ids of keys that count no more, by role.
            fresh: keys in their place, by role.

        Returns:
            Its version.

        Raises:
            CannotDo: too few of the old or the new holders are here; nothing was changed.
        """
        before = self.root()
        root = Metadata[Root].from_bytes(before.to_bytes()).signed
        root.version += 1
        root.expires = (now + ROOT_LIFE).replace(microsecond=0)
        for role, keys in lost.items():
            for keyid in keys:
                try:
                    root.revoke_key(keyid, role)
                except ValueError as error:
                    raise CannotDo(Exit.BAD_INPUT, f"the root has no key {keyid[:16]}… for {role}") from error
        for role, added in fresh.items():
            for key in added:
                root.add_key(key, role)
        if len(root.roles[Root.type].keyids) != HOLDERS:
            raise CannotDo(Exit.BAD_INPUT, f"a root has {HOLDERS} holders: give a new key for each lost one")
        return self._sign_root(root, present, before.signed)

    def _sign_root(self, root: Root, holders: list[CryptoSigner], before: Root | None = None) -> int:
        made = Metadata(root)
        for holder in holders:
            made.sign(holder, append=True)
        serialised = made.to_bytes(JSONSerializer(compact=False))
        payload, signatures = made.signed_bytes, made.signatures
        for which, judge in (("before", before), ("new", root)):
            if judge is not None:
                found = judge.get_verification_result(Root.type, payload, signatures)
                if not found:
                    raise CannotDo(
                        Exit.REFUSED,
                        f"only {len(found.signed)} of the {THRESHOLD} holders that the root ({which}) asks for signed: "
                        "nothing was changed",
                    )
        self._write(f"{root.version}.root.json", serialised)
        return root.version

    # ------------------------------------------------------------------------------------------------------ releases

    def add(self, tarball: Path, manifest: Manifest, signer: CryptoSigner, now: datetime) -> None:
        """Sign a release and take its file in.

        Raises:
            CannotDo: the key is another's, or the version is signed already with another content.
        """
        if not VERSION.fullmatch(manifest.version):
            raise CannotDo(Exit.BAD_INPUT, f"{manifest.version!r} is no version: three numbers, e.g. 0.2.0")
        self._allowed(signer)
        content = self.content()
        name = target_of(manifest.version)
        target = TargetFile.from_file(name, str(tarball), ["sha256"])
        target.unrecognized_fields["custom"] = msgspec.to_builtins(manifest)
        known = content.targets.get(name)
        if known is not None and known.hashes != target.hashes:
            raise CannotDo(
                Exit.REFUSED, f"{manifest.version} is signed with another content: give the new one a new version"
            )
        self.targets.mkdir(parents=True, exist_ok=True)
        place = self.targets / f"{target.hashes['sha256']}.{name}"
        if not place.exists():
            part = place.with_name(f".{place.name}.part")
            shutil.copyfile(tarball, part)
            part.replace(place)
        content.targets[name] = target
        self._sign_targets(content, signer, now)

    def withdraw(self, version: str, signer: CryptoSigner, now: datetime) -> None:
        """Take a release out: no terminal takes it any more.

        Raises:
            CannotDo: it is not there, or the key is another's.
        """
        self._allowed(signer)
        content = self.content()
        if content.targets.pop(target_of(version), None) is None:
            raise CannotDo(Exit.BAD_INPUT, f"{version} is not there; there are: {', '.join(self.releases()) or 'none'}")
        self._sign_targets(content, signer, now)

    def _allowed(self, signer: CryptoSigner) -> None:
        if signer.public_key.keyid not in self.root().signed.roles[Targets.type].keyids:
            raise CannotDo(Exit.REFUSED, "the root does not name this key for releases: use the targets key")

    def _sign_targets(self, content: Targets, signer: CryptoSigner, now: datetime) -> None:
        content.version += 1
        content.expires = (now + TARGETS_LIFE).replace(microsecond=0)
        made = Metadata(content)
        made.sign(signer)
        self._write(f"{content.version}.targets.json", made.to_bytes())

    def hand_out(self, signer: CryptoSigner, now: datetime, life: timedelta = LIFE) -> None:
        """Sign snapshot and timestamp: from now on this is what terminals take.

        Raises:
            CannotDo: nothing is signed yet, or the key is another's.
        """
        root, targets = self.newest(Root.type), self.newest(Targets.type)
        if root is None or targets is None:
            raise CannotDo(Exit.NOT_NOW, f"{self.path} has no release: release sign, first")
        try:
            snapshot, timestamp = stamp(
                root, targets, self.newest(Snapshot.type), self.newest(Timestamp.type), signer, now, life
            )
            version = Metadata[Snapshot].from_bytes(snapshot).signed.version
        except (NotStampable, RepositoryError) as error:
            raise CannotDo(Exit.REFUSED, str(error)) from error
        self._write(f"{version}.snapshot.json", snapshot)
        self._write("timestamp.json", timestamp)
