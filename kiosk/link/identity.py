"""The terminal's identity: what enrolment stored, read at start."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kiosk.tpm import passphrase
from kiosk.wire import identity as files
from kiosk.wire.fleet import Enrolled


class NotEnrolled(Exception):
    """The folder holds no complete identity; says what to do."""


@dataclass(frozen=True)
class TerminalIdentity:
    """Who the terminal is, and what it talks to the hub with."""

    url: str
    enrolled: Enrolled
    folder: Path

    @property
    def terminal(self) -> str:
        """Its name."""
        return self.enrolled.terminal

    @property
    def hall(self) -> str:
        """Its hall."""
        return self.enrolled.hall

    @property
    def hub_recipient(self) -> str:
        """Public key (age) that papers and personal fields are sealed to."""
        return self.enrolled.hub_recipient

    @property
    def hall_key(self) -> bytes:
        """Key of the person digests, 32 bytes."""
        return bytes.fromhex(self.enrolled.hall_key)

    @property
    def rules_key(self) -> bytes:
        """The hub's signing key, 32 raw bytes."""
        return bytes.fromhex(self.enrolled.rules_key)

    @property
    def receipt_prefix(self) -> str:
        """First six digits of every receipt number."""
        return f"{self.enrolled.receipt_range:06d}"

    def tls(self) -> ssl.SSLContext:
        """TLS 1.3 with this certificate, trusting the hub's CA and no other.

        Raises:
            NotEnrolled: Key and certificate cannot be used.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_verify_locations(self.folder / files.CA)
            # asked only where the key is encrypted; without it OpenSSL would ask whoever sits at the terminal
            context.load_cert_chain(*files.pair_in(self.folder), password=lambda: passphrase(self.folder))
        except (OSError, ssl.SSLError) as error:
            raise NotEnrolled(f"the identity in {self.folder} cannot be used ({error}): enrol again") from error
        return context


def load(folder: Path) -> TerminalIdentity:
    """Read the identity.

    Args:
        folder: Where `python -m provisioning enrol` stored it.

    Raises:
        NotEnrolled: There is none, or it is incomplete.
    """
    try:
        enrolled = msgspec.json.decode((folder / files.ENROLLED).read_bytes(), type=Enrolled)
        hub = msgspec.json.decode((folder / files.HUB).read_bytes(), type=files.HubAddress)
    except FileNotFoundError as error:
        raise NotEnrolled(f"no identity in {folder}: run python -m provisioning enrol") from error
    except (OSError, msgspec.DecodeError) as error:
        raise NotEnrolled(f"the identity in {folder} cannot be read ({error}): enrol again") from error
    return TerminalIdentity(url=hub.url, enrolled=enrolled, folder=folder)


def is_enrolled(folder: Path) -> bool:
    """Whether `load` would succeed."""
    try:
        load(folder)
    except NotEnrolled:
        return False
    return True
