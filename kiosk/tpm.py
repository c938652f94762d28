"""The machine's TPM 2.0, where it has one, keeps the passphrase of the terminal's key: a copied disk is worth nothing.

The key itself is in memory while the terminal runs, for the TLS library wants it there; on the disk it is encrypted
(PKCS #8), and only this machine's TPM opens its passphrase (TCG TPM 2.0 Library, part 3, TPM2_Create and TPM2_Unseal of
a sealed data object under the owner's primary key). Spoken to by `tpm2-tools` (BSD-3), a process of its own, so that no
library has to be there on machines without one.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from kiosk.wire import identity as files

TCTI: Final = "TPM2TOOLS_TCTI"
"""Environment: where the TPM is, as `tpm2-tools` wants it; a simulator's address in tests."""
_DEVICE: Final = Path("/dev/tpmrm0")
_TOOLS: Final = ("tpm2_createprimary", "tpm2_create", "tpm2_load", "tpm2_unseal", "tpm2_flushcontext")
_DEADLINE_S: Final = 30.0
"""A discrete TPM takes a second or two for a primary key."""
_ENCRYPTED: Final = b"BEGIN ENCRYPTED PRIVATE KEY"


class TpmError(OSError):
    """The TPM does not do it; says why."""


def available() -> bool:
    """Whether this machine has a TPM that this user may speak to, and the tools for it."""
    reachable = bool(os.environ.get(TCTI)) or os.access(_DEVICE, os.R_OK | os.W_OK)
    return reachable and all(shutil.which(tool) for tool in _TOOLS)


def make_passphrase(folder: Path) -> bytes:
    """Make a passphrase that only this TPM opens, and keep it sealed in a folder.

    Returns:
        64 hexadecimal digits.

    Raises:
        TpmError: the TPM does not do it.
    """
    made = secrets.token_hex(32).encode()
    with tempfile.TemporaryDirectory() as place:
        at = Path(place)
        _primary(at)
        public, private = folder / files.TPM_PUBLIC, folder / files.TPM_PRIVATE
        to = ("-u", str(public), "-r", str(private))
        _run("tpm2_create", "-Q", "-C", str(at / "primary"), "-i", "-", *to, given=made)
        _forget()
    for file in (public, private):
        file.chmod(0o600)
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
    return made


def passphrase(folder: Path) -> bytes:
    """Open the passphrase that is kept in a folder.

    Raises:
        TpmError: there is none, the TPM is another one, or it was cleared.
    """
    public, private = folder / files.TPM_PUBLIC, folder / files.TPM_PRIVATE
    if not (public.exists() and private.exists()):
        raise TpmError(f"the key in {folder} is encrypted, and its passphrase is not there: enrol again")
    with tempfile.TemporaryDirectory() as place:
        at = Path(place)
        _primary(at)
        try:
            loaded = str(at / "loaded")
            _run("tpm2_load", "-Q", "-C", str(at / "primary"), "-u", str(public), "-r", str(private), "-c", loaded)
        except TpmError as error:
            raise TpmError(
                f"this machine's TPM does not open the key in {folder} ({error}): the disk is from another machine, or "
                "the TPM was cleared; enrol again"
            ) from error
        _forget()
        opened = _run("tpm2_unseal", "-Q", "-c", loaded)
        _forget()
    return opened


def passphrase_of(pem: bytes, folder: Path) -> bytes | None:
    """What `load_pem_private_key` needs for a key of an identity folder; None where it is not encrypted.

    Raises:
        TpmError: as `passphrase`.
    """
    return passphrase(folder) if _ENCRYPTED in pem else None


def is_sealed(folder: Path) -> bool:
    """Whether the folder's keys are encrypted with a passphrase of the TPM."""
    return (folder / files.TPM_PRIVATE).exists()


def _primary(place: Path) -> None:
    """The owner's primary key: the same each time, made of the TPM's own seed."""
    _run("tpm2_createprimary", "-Q", "-C", "o", "-c", str(place / "primary"))
    _forget()


def _forget() -> None:
    """A TPM has place for three objects; without a resource manager nobody else clears it."""
    _run("tpm2_flushcontext", "-Q", "-t")


def _run(tool: str, *words: str, given: bytes = b"") -> bytes:
    environment = dict(os.environ)
    environment.setdefault(TCTI, f"device:{_DEVICE}")
    try:
        done = subprocess.run(  # noqa: S603  tools of our own choice, no shell
            [tool, *words], input=given, capture_output=True, timeout=_DEADLINE_S, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise TpmError(f"{tool} is not installed (Debian: tpm2-tools)") from error
    except subprocess.TimeoutExpired as error:
        raise TpmError(f"{tool} did not end within {_DEADLINE_S:.0f} s") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no words"]
        told = next((line for line in lines if line.startswith("ERROR") and "0x" in line), lines[-1])
        raise TpmError(f"{tool}: {told[:160]}")
    return done.stdout
