"""The terminal's identity folder: what enrolment stores and the terminal reads."""

import os
from pathlib import Path
from typing import Annotated

import msgspec

from kiosk.wire.evidence import Digest, Wire

KEY = "key.pem"
"""P-256 private key, PKCS #8, mode 0600. Made on the terminal; never leaves it."""
TPM_PUBLIC = "tpm.pub"
"""Where the machine has a TPM the keys here are encrypted; this and the next are the passphrase, sealed to it."""
TPM_PRIVATE = "tpm.priv"
CERTIFICATE = "certificate.pem"
"""The terminal's certificate, leaf first."""
RENEWED = "renewed.pem"
"""Certificate and key of the last renewal in one file, so that both change at once; stands before the two above."""
PREVIOUS = "previous.pem"
"""The renewal before that one: put back where the hub does not know the newest."""
CA = "ca.pem"
"""The hub's CA: the only one the terminal trusts."""
HUB = "hub.json"
"""`HubAddress` as JSON."""
ENROLLED = "enrolled.json"
"""`Enrolled` as JSON. Written last: without it the terminal is not enrolled."""


class HubAddress(Wire, frozen=True, kw_only=True):
    """Where the hub is, and which CA it must answer with."""

    url: Annotated[str, msgspec.Meta(max_length=200, pattern="^https://")]
    ca_sha256: Digest


def pair_in(folder: Path) -> tuple[Path, Path]:
    """Where the certificate in force and its key lie; both in one file after a renewal."""
    renewed = folder / RENEWED
    return (renewed, renewed) if renewed.exists() else (folder / CERTIFICATE, folder / KEY)


def sync_folder(folder: Path) -> None:
    """Have the disk keep which files a folder has: what was moved or removed there is durable afterwards.

    Raises:
        OSError: the disk does not.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
