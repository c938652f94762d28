"""The two short-lived signatures of a release repository (TUF): snapshot and timestamp. Pure, on bytes.

The roots and the targets are signed with keys that are never on a machine of the net; these two by whoever hands the
releases out: the hub, or the technician who makes a stick.
"""

from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

LIFE: Final = timedelta(days=14)
"""How long a terminal that hears nothing new still takes a release. An expired stamp blocks updating, never running."""


class NotStampable(Exception):
    """The repository cannot be stamped; says why."""


def signer_from(pem: bytes, passphrase: bytes | None = None) -> CryptoSigner:
    """A signer from an Ed25519 key in PEM (PKCS 8).

    Raises:
        ValueError: it is none, or the passphrase is wrong.
        TypeError: it is encrypted and there is no passphrase, or the other way round.
    """
    key = serialization.load_pem_private_key(pem, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("is no Ed25519 key")  # noqa: TRY004  whoever reads keys has one kind of error to mind
    return CryptoSigner(key)


def stamp(
    root: bytes,
    targets: bytes,
    snapshot: bytes | None,
    timestamp: bytes | None,
    signer: CryptoSigner,
    now: datetime,
    life: timedelta = LIFE,
) -> tuple[bytes, bytes]:
    """Sign snapshot and timestamp anew.

    Args:
        root: the newest root, which names the key.
        targets: what the snapshot is of.
        snapshot: the one before, for its version.
        timestamp: the same.
        signer: with the online key.
        now: they count from.
        life: how long.

    Returns:
        Snapshot and timestamp, as files.

    Raises:
        NotStampable: another key is named in the root, or something there is no metadata.
    """
    try:
        known = Metadata[Root].from_bytes(root).signed
        content = Metadata[Targets].from_bytes(targets).signed
        last_snapshot = Metadata[Snapshot].from_bytes(snapshot).signed.version if snapshot else 0
        last_stamp = Metadata[Timestamp].from_bytes(timestamp).signed.version if timestamp else 0
    except (RepositoryError, ValueError) as error:
        raise NotStampable(f"this is no repository of releases: {error}") from error
    if signer.public_key.keyid not in known.roles[Timestamp.type].keyids:
        raise NotStampable("the root does not name this online key: hold a ceremony with it (release rotate --online)")
    expires = (now + life).replace(microsecond=0)
    fresh = Metadata(
        Snapshot(version=last_snapshot + 1, expires=expires, meta={"targets.json": MetaFile(content.version)})
    )
    fresh.sign(signer)
    stamped = Metadata(Timestamp(version=last_stamp + 1, expires=expires, snapshot_meta=MetaFile(last_snapshot + 1)))
    stamped.sign(signer)
    return fresh.to_bytes(), stamped.to_bytes()


def stamp_expires(timestamp: bytes) -> datetime:
    """Until when a timestamp counts.

    Raises:
        NotStampable: it is none.
    """
    try:
        return Metadata[Timestamp].from_bytes(timestamp).signed.expires
    except (RepositoryError, ValueError) as error:
        raise NotStampable(f"this is no timestamp: {error}") from error
