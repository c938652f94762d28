"""Keys that sign releases: made, kept under a passphrase, read again."""

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from kiosk.wire.release_signing import signer_from
from provisioning.talk import CannotDo, Exit

LEAST_PASSPHRASE = 12


def make_key(file: Path, passphrase: bytes | None) -> CryptoSigner:
    """Make a key: `NAME.pem`, and `NAME.pub.pem` for others.

    Args:
        file: of the private key, readable by its owner only; never replaced.
        passphrase: under which it is kept; None for a key in a machine that has to sign by itself.

    Raises:
        CannotDo: there is a key of that name, the passphrase is short, or it cannot be written.
    """
    if passphrase is not None and len(passphrase) < LEAST_PASSPHRASE:
        raise CannotDo(Exit.BAD_INPUT, f"a passphrase has {LEAST_PASSPHRASE} characters or more")
    key = Ed25519PrivateKey.generate()
    kept = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kept)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(pem)
            stream.flush()
            os.fsync(stream.fileno())
        file.with_suffix(".pub.pem").write_bytes(public)
    except FileExistsError as error:
        raise CannotDo(Exit.REFUSED, f"{file} is there: a key is never replaced; choose another name") from error
    except OSError as error:
        raise CannotDo(Exit.NOT_NOW, f"{file}: {error.strerror}") from error
    return CryptoSigner(key)


def read_signer(file: Path, passphrase: bytes | None) -> CryptoSigner:
    """A private key, for signing.

    Raises:
        CannotDo: it cannot be read, or the passphrase is wrong.
    """
    try:
        return signer_from(file.read_bytes(), passphrase)
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{file}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise CannotDo(
            Exit.BAD_INPUT, f"{file} cannot be used: wrong passphrase, or no Ed25519 key (--passphrase-file)"
        ) from error


def read_public(file: Path) -> Key:
    """A public key.

    Raises:
        CannotDo: it is none.
    """
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{file} is no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CannotDo(Exit.BAD_INPUT, f"{file} is no Ed25519 key")
    return SSlibKey.from_crypto(key)
