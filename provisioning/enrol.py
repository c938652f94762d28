"""Enrolling this machine at the hub: a one-time code becomes a certificate.

The ticket carries the fingerprint of the hub's CA, so nothing is trusted on first use. The key is made here and never
leaves. Everything is prepared in `next/` inside the identity folder and moved in place with `enrolled.json` last: a
crash leaves either the old state, or a `next/` that the following run completes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk import tpm
from kiosk.clock import Clock
from kiosk.wire import identity as files
from kiosk.wire.fleet import Enrolled, EnrolmentTicket
from kiosk.wire.identity import sync_folder
from provisioning.enrol_calls import BySerial, EnrolmentFailed, ExitCode, by_code, by_serial_number, fetch_ca

__all__ = ("BySerial", "EnrolmentFailed", "ExitCode", "Outcome", "enrol", "read_ticket")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the command did."""

    terminal: str
    hall: str
    identity: str
    certificate_expires: datetime
    already: bool
    """The terminal was enrolled at this hub before; nothing was changed."""


@dataclass(frozen=True)
class _Key:
    private: ec.EllipticCurvePrivateKey
    pem: bytes

    def csr(self) -> str:
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kiosk")]))
            .sign(self.private, hashes.SHA256())
        )
        return request.public_bytes(serialization.Encoding.PEM).decode()


def read_ticket(text: str) -> EnrolmentTicket:
    """The ticket from its JSON, or from the file of that name.

    Raises:
        EnrolmentFailed: It is neither, or not complete.
    """
    try:
        content = text if text.lstrip().startswith("{") else Path(text).read_text()
    except OSError as error:
        raise EnrolmentFailed(
            ExitCode.BAD_TICKET, f"the ticket is neither JSON nor a readable file: {error.strerror}"
        ) from error
    try:
        ticket = msgspec.json.decode(content, type=EnrolmentTicket)
    except msgspec.DecodeError as error:
        raise EnrolmentFailed(ExitCode.BAD_TICKET, f"the ticket cannot be read: {error}") from error
    if not ticket.url.startswith("https://"):
        raise EnrolmentFailed(ExitCode.BAD_TICKET, "the ticket's address must begin with https://")
    return ticket


def _write(file: Path, content: bytes, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _move_in_place(folder: Path, staged: Path) -> None:
    """Move a complete staged identity in place; may be repeated after a crash at any point of it."""
    (folder / files.ENROLLED).unlink(missing_ok=True)  # from here until the last move: not enrolled
    for renewed in (files.RENEWED, files.PREVIOUS):  # of the identity that goes
        (folder / renewed).unlink(missing_ok=True)
    sync_folder(folder)
    key = staged / files.KEY
    if key.exists() and b"ENCRYPTED" not in key.read_bytes():  # the passphrase there was of the key that goes
        for sealed in (files.TPM_PUBLIC, files.TPM_PRIVATE):
            (folder / sealed).unlink(missing_ok=True)
    sealed_too = (files.TPM_PUBLIC, files.TPM_PRIVATE)
    for name in (*sealed_too, files.KEY, files.CERTIFICATE, files.CA, files.HUB, files.ENROLLED):
        source = staged / name
        if source.exists():
            source.replace(folder / name)
        sync_folder(folder)
    staged.rmdir()


def _finish_interrupted(folder: Path) -> None:
    """Complete what a crash interrupted, if it got far enough."""
    staged = folder / "next"
    if (staged / files.ENROLLED).exists():
        _move_in_place(folder, staged)


def _make_key(staged: Path, *, in_tpm: bool) -> _Key:
    """The key of this attempt; the same one again after an interruption, so that a used code still works for it.

    Args:
        staged: the folder of this attempt.
        in_tpm: whether it is encrypted with a passphrase that only this machine's TPM opens.

    Raises:
        OSError: it cannot be written, or the TPM does not do its part.
    """
    file = staged / files.KEY
    if file.exists():
        pem = file.read_bytes()
        try:
            private = serialization.load_pem_private_key(pem, tpm.passphrase_of(pem, staged))
        except (ValueError, tpm.TpmError):
            private = None
        if isinstance(private, ec.EllipticCurvePrivateKey):
            return _Key(private, pem)
    private_key = ec.generate_private_key(ec.SECP256R1())
    how = serialization.BestAvailableEncryption(tpm.make_passphrase(staged)) if in_tpm else serialization.NoEncryption()
    pem = private_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
    _write(file, pem, 0o600)
    sync_folder(staged)
    return _Key(private_key, pem)


def _present(folder: Path, ticket: EnrolmentTicket) -> Outcome | None:
    """The identity that is there already, if it is of this ticket's hub."""
    try:
        enrolled = msgspec.json.decode((folder / files.ENROLLED).read_bytes(), type=Enrolled)
        hub = msgspec.json.decode((folder / files.HUB).read_bytes(), type=files.HubAddress)
    except (OSError, msgspec.DecodeError):
        return None
    if hub.ca_sha256 != ticket.ca_sha256:
        return None
    return _outcome(folder, enrolled, already=True)


def _outcome(folder: Path, enrolled: Enrolled, *, already: bool) -> Outcome:
    certificate = x509.load_pem_x509_certificate(enrolled.certificate.encode())
    return Outcome(
        terminal=enrolled.terminal,
        hall=enrolled.hall,
        identity=str(folder),
        certificate_expires=certificate.not_valid_after_utc,
        already=already,
    )


def enrol(
    ticket: EnrolmentTicket,
    folder: Path,
    clock: Clock,
    progress: Callable[[str], None],
    *,
    again: bool = False,
    with_tpm: bool = True,
    by_serial: BySerial | None = None,
) -> Outcome:
    """Enrol this machine.

    Args:
        ticket: From `python -m hub code`.
        folder: Where the identity is to be; made with mode 0700.
        clock: This machine's time.
        progress: Told each step.
        again: Replace an identity of the same hub; otherwise it is kept and nothing is asked of the hub.
        with_tpm: Whether the key is encrypted with a passphrase that only this machine's TPM opens, where it has one.
        by_serial: Ask by the serial number; the ticket's code does not matter then.

    Raises:
        EnrolmentFailed: Says why and what to do; what was enrolled before still is.
    """
    try:
        staged = folder / "next"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _finish_interrupted(folder)
        present = _present(folder, ticket)
        if present is not None and not again:
            progress(f"already enrolled as {present.hall}/{present.terminal}")
            return present
        progress(f"asking {ticket.url} for its certificate authority")
        ca = fetch_ca(ticket, clock)
        in_tpm = with_tpm and tpm.available()
        progress(f"the fingerprint is the ticket's; making a key{', sealed to the TPM' if in_tpm else ''}")
        staged.mkdir(mode=0o700, exist_ok=True)
        key = _make_key(staged, in_tpm=in_tpm)
        if by_serial is None:
            progress("exchanging the code for a certificate")
            enrolled = by_code(ticket, ca, key.csr())
        else:
            enrolled = by_serial_number(ticket, ca, key.csr(), by_serial, progress)
        _write(staged / files.CERTIFICATE, enrolled.certificate.encode(), 0o644)
        _write(staged / files.CA, ca.encode(), 0o644)
        address = files.HubAddress(url=ticket.url, ca_sha256=ticket.ca_sha256)
        _write(staged / files.HUB, msgspec.json.encode(address), 0o644)
        _write(staged / f".{files.ENROLLED}", msgspec.json.encode(enrolled), 0o600)
        (staged / f".{files.ENROLLED}").replace(staged / files.ENROLLED)
        sync_folder(staged)
        _move_in_place(folder, staged)
    except tpm.TpmError as error:
        raise EnrolmentFailed(
            ExitCode.CANNOT_STORE, f"the TPM does not take the key's passphrase ({error}); --no-tpm enrols without it"
        ) from error
    except OSError as error:
        raise EnrolmentFailed(ExitCode.CANNOT_STORE, f"the identity cannot be stored in {folder}: {error}") from error
    progress(f"enrolled as {enrolled.hall}/{enrolled.terminal}")
    return _outcome(folder, enrolled, already=False)
