"""Backup and restore: one folder that holds everything a hub needs to go on, and a way back from it.

Taken while the hub serves. Papers are copied after the database: whatever row names a paper, the paper was there before
the row (`hub.store.papers`). Each file's digest is in `manifest.json`, written last; without it there is no backup.
"""

import hashlib
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import pysqlite3.dbapi2 as sqlite
import typer
from sqlalchemy import make_url

from hub.app import CannotOpen, prepare
from hub.data import AlreadyServed, DataFolder
from hub.files import sync_folder, write_durably
from hub.options import DATA, AsJson, Data, Database, fail, where_it_served
from hub.store.engine import UnsafeDatabase
from hub.store.objects import FILE as STORAGE_FILE
from hub.store.objects import load
from kiosk.clock import WallClock

MANIFEST: Final = "manifest.json"
_DATABASE: Final = "hub.db"
_DUMP: Final = "hub.dump"
_LAID_ASIDE: Final = "hub.db.mov"
"""Begins the names of databases that the hub was moved from, or half moved to."""
_LEFT_OUT: Final = frozenset({"hub.db", "hub.db-wal", "hub.db-shm", "making.lock", "serving.lock", "serving.json"})


class BackupFailed(Exception):
    """A backup cannot be taken or restored; says why."""


class Kept(msgspec.Struct, frozen=True):
    """One file of a backup."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds."""

    taken: datetime
    database: str
    """`sqlite` or `postgresql`."""
    papers_elsewhere: str
    """Where papers are that are not in it: the bucket of `storage.toml`."""
    files: dict[str, Kept]


def _digest(file: Path) -> Kept:
    with file.open("rb") as stream:
        return Kept(file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def _run(command: list[str], password: str | None) -> None:
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603  names of our own
    except FileNotFoundError as error:
        raise BackupFailed(f"{command[0]} is not here: apt-get install postgresql-client") from error
    if done.returncode:
        raise BackupFailed(f"{command[0]}: {done.stderr.decode(errors='replace')[-400:]}")


def _postgresql(url: str) -> tuple[str, str | None]:
    """As PostgreSQL's own tools take it, without the password, and the password."""
    parsed = make_url(url).set(drivername="postgresql")
    password = None if parsed.password is None else str(parsed.password)
    return parsed.set(password=None).render_as_string(hide_password=False), password


def _copy_sqlite(database: Path, target: Path) -> None:
    source, copy = sqlite.connect(str(database)), sqlite.connect(str(target))
    try:
        # In one step: in WAL nobody waits for it, and a copy in pieces begins anew whenever somebody has written.
        source.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupFailed("the copy of the database is damaged: look at the disk")
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        source.close()


def _is_left_out(name: Path) -> bool:
    arriving = name.parts[:2] == ("papers", "arriving")
    return arriving or name.name in _LEFT_OUT or str(name).startswith(_LAID_ASIDE)


def take(data: DataFolder, target: Path, url: str | None, now: datetime) -> Manifest:
    """Take a backup.

    Args:
        data: The hub's folder; the hub may be serving it.
        target: A folder that does not exist, or is empty.
        url: The database, if another than the folder's own.
        now: The time.

    Raises:
        BackupFailed: Says why.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupFailed(f"{target} is not empty")
    if target.resolve().is_relative_to(data.path.resolve()):
        raise BackupFailed(f"{target} is in the hub's own folder: a disk that fails would take both")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    kind = "postgresql" if url is not None and make_url(url).get_backend_name() == "postgresql" else "sqlite"
    if kind == "postgresql":
        address, password = _postgresql(str(url))
        _run(["pg_dump", "--format=custom", "--no-owner", f"--file={target / _DUMP}", address], password)
    else:
        if not data.database.exists():
            raise BackupFailed(f"there is no hub in {data.path}")
        _copy_sqlite(data.database, target / _DATABASE)
    for file in sorted(data.path.rglob("*")):
        name = file.relative_to(data.path)
        if not file.is_file() or _is_left_out(name):
            continue
        copy = target / name
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copy2(file, copy)
        except FileNotFoundError:
            continue  # deleted meanwhile, as its time was over
    bucket = load(data.path / STORAGE_FILE)
    elsewhere = "" if bucket is None else f"s3://{bucket.name}/{bucket.prefix} at {bucket.endpoint}"
    files = {str(f.relative_to(target)): _digest(f) for f in sorted(target.rglob("*")) if f.is_file()}
    for file in target.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
        else:
            sync_folder(file)
    manifest = Manifest(now, kind, elsewhere, files)
    write_durably(target / MANIFEST, msgspec.json.encode(manifest))
    return manifest


def check(source: Path) -> Manifest:
    """See that a backup is whole.

    Raises:
        BackupFailed: Says what is missing or changed.
    """
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise BackupFailed(f"{source} holds no finished backup") from error
    for name, kept in manifest.files.items():
        file = source / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BackupFailed(f"{name} is no name of a backup")
        if not file.is_file() or _digest(file) != kept:
            raise BackupFailed(f"{name} is missing or not what it was")
    return manifest


def restore(source: Path, data: DataFolder, url: str | None) -> Manifest:
    """Make a hub from a backup.

    Args:
        source: The backup.
        data: An empty folder, which nobody serves.
        url: The database of a PostgreSQL hub: an empty one.

    Raises:
        BackupFailed: Says why; then nothing is there that could be served.
    """
    manifest = check(source)
    if data.database.exists() or any(data.keys.iterdir()) or any(data.ca.iterdir()):
        raise BackupFailed(f"there is a hub in {data.path} already: restore into an empty folder")
    if (manifest.database == "postgresql") != (url is not None):
        raise BackupFailed(
            f"this is the backup of a hub on {manifest.database}: see --database."
            " To another kind of database: restore it, then python -m hub move"
        )
    with data.serving():
        try:
            _put_back(source, data, url, manifest)
        except BaseException:
            _take_away(data, manifest)  # half a hub would be served as one that has lost its data
            raise
    return manifest


def _put_back(source: Path, data: DataFolder, url: str | None, manifest: Manifest) -> None:
    if url is not None:  # first what may fail
        address, password = _postgresql(url)
        command = ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={address}"]
        _run([*command, str(source / _DUMP)], password)
    for name in manifest.files:
        if name in {_DATABASE, _DUMP}:
            continue
        copy = data.path / name
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(source / name, copy)
    if url is None:
        shutil.copy2(source / _DATABASE, data.database)
    engine, _ = prepare(data, url, WallClock())  # also brings an older backup's schema up to date
    engine.dispose()


def _take_away(data: DataFolder, manifest: Manifest) -> None:
    """Delete what was put into a folder without a hub, and nothing that was there before."""
    ours = {data.path / name for name in manifest.files} | {*data.keys.iterdir(), *data.ca.iterdir()}
    ours |= {data.path / name for name in (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", "database")}
    for file in ours:
        file.unlink(missing_ok=True)


group = typer.Typer(help="Backup and restore.", no_args_is_help=True)
Target = Annotated[Path, typer.Argument(help="Folder of the backup.")]


def _told(manifest: Manifest, *, json: bool) -> None:
    size = sum(kept.bytes for kept in manifest.files.values())
    if json:
        facts = {"files": len(manifest.files), "bytes": size, "papers_elsewhere": manifest.papers_elsewhere}
        typer.echo(msgspec.json.encode(facts).decode())
        return
    typer.echo(f"{len(manifest.files)} files, {size} bytes")
    if manifest.papers_elsewhere:
        typer.echo(f"Papers are not in it; they are in {manifest.papers_elsewhere}.", err=True)


@group.command("take")
def take_backup(target: Target, *, data: Data = DATA, database: Database = None, json: AsJson = False) -> None:
    """Back up a hub, also while it serves. Holds its keys: keep it as safe as the hub itself."""
    where_it_served(DataFolder(data), database)
    try:
        _told(take(DataFolder(data), target, database, WallClock().now()), json=json)
    except (BackupFailed, OSError, sqlite.Error) as error:
        fail(f"there is no backup: {error}")


@group.command("check")
def check_backup(target: Target, *, json: AsJson = False) -> None:
    """See that a backup is whole."""
    try:
        _told(check(target), json=json)
    except (BackupFailed, OSError) as error:
        fail(error)


@group.command("restore")
def restore_backup(target: Target, *, data: Data = DATA, database: Database = None, json: AsJson = False) -> None:
    """Make a hub from a backup, in an empty folder (and an empty database)."""
    try:
        _told(restore(target, DataFolder(data), database), json=json)
    except (BackupFailed, AlreadyServed, CannotOpen, UnsafeDatabase, OSError) as error:
        fail(error)
