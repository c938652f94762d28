"""Where whole papers are kept: the data folder, or S3 where `storage.toml` names it.

    papers = "s3://BUCKET/PREFIX"
    endpoint = "https://objects.example"
    region = "cn-north-1"
    access_key = "…"
    secret_file = "keys/s3.secret"       # in the data folder, or an absolute path

Parts still arrive in the folder; at the last chunk the whole is checked, stored as an object, and then acknowledged.
While S3 is away nothing is lost: the part stays, the terminal is told to come again, and goes on from its last byte.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Annotated, Final

import msgspec
import structlog

from hub.data import DataFolder
from hub.files import sync_folder
from hub.store.papers import Arrived, Papers, WrongDigest
from hub.store.s3 import Bucket, ObjectsAway, ObjectsRefuse, ObjectStore
from kiosk.clock import Clock, WallClock

_log = structlog.get_logger()
FILE: Final = "storage.toml"
_SIZES_KEPT: Final = 100_000


class BadStorage(Exception):
    """`storage.toml` cannot be used; says why."""


class _Storage(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    papers: Annotated[str, msgspec.Meta(pattern="^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?$")]
    endpoint: Annotated[str, msgspec.Meta(pattern="^https?://[^/\\s]+$")]
    region: str = "us-east-1"
    access_key: str
    secret_file: str


def load(path: Path) -> Bucket | None:
    """Where papers go by `storage.toml`; None without the file.

    Raises:
        BadStorage: Says what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        given = msgspec.convert(tomllib.loads(text), type=_Storage)
        secret = (path.parent / given.secret_file).read_text(encoding="utf-8").strip()
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadStorage(f"{path}: {error}") from error
    except OSError as error:
        raise BadStorage(f"{path}: secret_file cannot be read ({error.strerror})") from error
    name, _, prefix = given.papers.removeprefix("s3://").partition("/")
    prefix = prefix.strip("/")
    return Bucket(
        endpoint=given.endpoint,
        name=name,
        region=given.region,
        access_key=given.access_key,
        secret_key=secret,
        prefix=f"{prefix}/" if prefix else "",
    )


class RemotePapers(Papers):
    """Papers whose wholes are objects.

    Args:
        folder: For the parts.
        objects: For the wholes, as `aa/SHA256`.
    """

    def __init__(self, folder: Path, objects: ObjectStore) -> None:
        super().__init__(folder)
        self._objects = objects
        self._sizes: dict[str, int] = {}
        self._forgetting = folder / "forgetting"
        self._forgetting.mkdir(mode=0o700, exist_ok=True)
        self._forget_lock = Lock()

    @staticmethod
    def _name(sha256: str) -> str:
        return f"{sha256[:2]}/{sha256}"

    def size(self, sha256: str) -> int | None:
        """How many bytes a complete paper has; None when it is not all here. What is whole stays so."""
        known = self._sizes.get(sha256)
        if known is None:
            known = self._objects.size(self._name(sha256))
            if known is not None:
                self._remember(sha256, known)
        return known

    def _remember(self, sha256: str, size: int) -> None:
        if len(self._sizes) >= _SIZES_KEPT:
            self._sizes.clear()
        self._sizes[sha256] = size

    def look_up(self, names: Iterable[str]) -> None:
        """Ask the object store for what is not known here. Where it is away the events wait, and nobody else does."""
        for name in names:
            try:
                self.size(name)
            except (ObjectsAway, ObjectsRefuse) as error:
                _log.error("papers cannot be looked at", why=str(error))
                return

    def known_size(self, sha256: str) -> int | None:
        """What `look_up` found, or this process has stored."""
        return self._sizes.get(sha256)

    def open(self, sha256: str) -> bytes:
        """The sealed bytes of a complete paper.

        Raises:
            FileNotFoundError: It is not all here.
            ObjectsAway: It cannot be read now.
        """
        return self._objects.read(self._name(sha256))

    def arrived(self, owner: str, sha256: str) -> Arrived:
        """How much of a paper one terminal has sent. A part is looked at first: it needs nobody else."""
        try:
            return Arrived(self._part(owner, sha256).stat().st_size, complete=False)
        except FileNotFoundError:
            size = self.size(sha256)
            return Arrived(0, complete=False) if size is None else Arrived(size, complete=True)

    def forget(self, names: Iterable[str]) -> None:
        """Delete objects that nobody names any more.

        First it is noted durably which: where the store is away the rest, and what was left the last time, goes at the
        next call. It is called every hour, also without names.
        """
        noted = [self._forgetting / name for name in names]
        for note in noted:
            note.touch(mode=0o600)
        if noted:
            sync_folder(self._forgetting)
        left = sorted(self._forgetting.iterdir())
        for number, note in enumerate(left):
            try:
                self._forget_one(note)
            except (ObjectsAway, ObjectsRefuse) as error:
                _log.error("papers are not removed yet", left=len(left) - number, why=str(error))
                return

    def _forget_one(self, note: Path) -> None:
        with self._forget_lock:
            if note.exists():  # the same may have been handed in again meanwhile
                self._sizes.pop(note.name, None)
                self._objects.delete(self._name(note.name))
                note.unlink(missing_ok=True)

    def _put(self, sha256: str, content: bytes) -> None:
        with self._forget_lock:
            (self._forgetting / sha256).unlink(missing_ok=True)
        self._objects.put(self._name(sha256), content)

    def _keep(self, part: Path, sha256: str) -> None:
        content = part.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            part.unlink()
            raise WrongDigest("what arrived is not what its name says; it was deleted, send it again")
        self._put(sha256, content)
        self._remember(sha256, len(content))
        part.unlink()


def open_papers(data: DataFolder, clock: Clock | None = None) -> Papers:
    """The papers as `storage.toml` has them.

    Raises:
        BadStorage: Says what is wrong with it.
    """
    bucket = load(data.path / FILE)
    if bucket is None:
        return Papers(data.papers)
    return RemotePapers(data.papers, ObjectStore(bucket, clock or WallClock()))
