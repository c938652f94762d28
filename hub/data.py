"""The hub's data folder: certificate authority, keys, papers, database.

`ca/` holds the CA and the server's certificate, `keys/` the age identity, the signing key and a key for each hall,
`papers/` what terminals uploaded, `acceptance/` technicians' reports, `bundles/` support bundles, `hub.db` the
database. Files with secrets are readable by their owner only.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.files import write_durably
from kiosk.wire.evidence import Wire
from kiosk.wire.sealing import new_identity, recipient_of


class AlreadyServed(Exception):
    """Another hub serves this data folder."""


class Serving(Wire, frozen=True, kw_only=True):
    """Where a running hub listens; other commands read it."""

    console: str
    terminals: str
    phones: str = ""
    """The page for telephones; empty where there is none."""


class DataFolder:
    """Finds the hub's files, and makes the keys that are missing.

    Args:
        path: The folder; made with mode 0700 when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ca = path / "ca"
        self.keys = path / "keys"
        self.papers = path / "papers"
        self.acceptance = path / "acceptance"
        self.bundles = path / "bundles"
        self.database = path / "hub.db"
        for folder in (path, self.ca, self.keys, self.papers, self.acceptance, self.bundles):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def making(self) -> Iterator[None]:
        """Hold the lock under which keys, the CA and the schema are made: two first starts must not both make them."""
        with (self.path / "making.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Hold the folder as its one server.

        Raises:
            AlreadyServed: Another process holds it. The lock ends with its process, however that ends.
        """
        with (self.path / "serving.lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyServed(f"another hub serves {self.path}") from error
            yield

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the folder as one of several servers of one PostgreSQL; never beside one that holds it alone.

        Raises:
            AlreadyServed: A process serves it alone, on SQLite.
        """
        with (self.path / "serving.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyServed(f"a hub on SQLite serves {self.path} alone") from error
            yield

    def announce(self, serving: Serving) -> None:
        """Say where the server listens."""
        write_durably(self.path / "serving.json", msgspec.json.encode(serving))

    def announced(self) -> Serving | None:
        """Where the last server listened; None when there was none."""
        try:
            return msgspec.json.decode((self.path / "serving.json").read_bytes(), type=Serving)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def note_database(self, kind: str) -> None:
        """Say which database the hub serves from, so that no command works on another by mistake."""
        file = self.path / "database"
        if kind == "sqlite":
            file.unlink(missing_ok=True)
        elif kind != self.elsewhere():
            write_durably(file, kind.encode())

    def elsewhere(self) -> str:
        """The kind of database the hub last served from; empty where that is `hub.db`, or none yet."""
        try:
            return (self.path / "database").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def make_keys(self) -> None:
        """Make the keys that are missing. Call inside `making()`."""
        age = self.keys / "papers.age"
        if not age.exists():
            write_durably(age, new_identity()[0].encode())
        signing = self.keys / "signing.pem"
        if not signing.exists():
            write_durably(
                signing,
                Ed25519PrivateKey.generate().private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                ),
            )

    def browsers_key(self) -> bytes:
        """The 32-byte key of the marks that browsers keep; made at its first use."""
        file = self.keys / "browsers.key"
        if not file.exists():
            with self.making():
                if not file.exists():
                    write_durably(file, secrets.token_bytes(32).hex().encode())
        return bytes.fromhex(file.read_text().strip())

    def unsealing_identity(self) -> str:
        """The age identity that papers and personal fields are sealed to."""
        return (self.keys / "papers.age").read_text().strip()

    def sealing_recipient(self) -> str:
        """The public half of `unsealing_identity`."""
        return recipient_of(self.unsealing_identity())

    def signing_key(self) -> Ed25519PrivateKey:
        """Signs rules, the catalogue and appointment codes.

        Raises:
            TypeError: The file holds another kind of key.
        """
        key = serialization.load_pem_private_key((self.keys / "signing.pem").read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("keys/signing.pem is no Ed25519 key")
        return key

    def signing_public(self) -> bytes:
        """The public half of `signing_key`, 32 raw bytes."""
        return self.signing_key().public_key().public_bytes_raw()

    def hall_key(self, hall: str) -> bytes:
        """The 32-byte key of a hall's person digests; made at its first use.

        Args:
            hall: Letters, digits, `-` and `_` only.
        """
        file = self.keys / f"hall-{hall}.key"
        if not file.exists():
            with self.making():
                if not file.exists():
                    write_durably(file, secrets.token_bytes(32).hex().encode())
        return bytes.fromhex(file.read_text().strip())


def disk_free(path: Path) -> int:
    """Bytes free for us on the disk of a path."""
    stat = os.statvfs(path)
    return stat.f_bavail * stat.f_frsize
