"""Enrolling this machine at the hub: a one-time code becomes a certificate.

The ticket carries the fingerprint of the hub's CA, so nothing is trusted on first use. The key is made here and never
leaves. Everything is prepared in `next/` inside the identity folder and moved in place with `enrolled.json` last: a
crash leaves either the old state, or a `next/` that the following run completes.
"""

import hashlib
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import IntEnum
from pathlib import Path

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk import tpm
from kiosk.clock import Clock
from kiosk.wire import VERSION, routes, serials
from kiosk.wire import identity as files
from kiosk.wire.fleet import Enrolled, EnrolmentTicket, EnrolRequest
from kiosk.wire.identity import sync_folder

_DEADLINE_SECONDS = 15.0
_CLOCK_TOLERANCE_SECONDS = 12 * 3600.0
_CERTIFICATE_NOT_YET_VALID = 9  # X509_V_ERR_…
_CERTIFICATE_HAS_EXPIRED = 10


class ExitCode(IntEnum):
    """What the command's exit code says."""

    DONE = 0
    BAD_TICKET = 2
    UNREACHABLE = 3
    WRONG_FINGERPRINT = 4
    CODE_WRONG = 5
    CODE_USED = 6
    CODE_EXPIRED = 7
    CODE_LOCKED = 8
    CLOCK_OFF = 9
    REFUSED = 10
    CANNOT_STORE = 11
    NO_SERIAL = 12
    SERIAL_REFUSED = 13
    STILL_WAITING = 14


_BY_KIND = {
    "code-wrong": ExitCode.CODE_WRONG,
    "code-used": ExitCode.CODE_USED,
    "code-expired": ExitCode.CODE_EXPIRED,
    "code-locked": ExitCode.CODE_LOCKED,
    "serial-unknown": ExitCode.SERIAL_REFUSED,
    "serial-used": ExitCode.SERIAL_REFUSED,
    "serial-expired": ExitCode.SERIAL_REFUSED,
    "serial-other-key": ExitCode.SERIAL_REFUSED,
}


class EnrolmentFailed(Exception):
    """The terminal could not be enrolled.

    Attributes:
        code: Which kind of failure.
    """

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class BySerial:
    """To be enrolled by this machine's serial number instead of a code.

    Attributes:
        serial: of `provisioning.machine_serial`.
        wait_seconds: for somebody to admit it.
    """

    serial: str
    wait_seconds: float = 900.0


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


def _unreachable(url: str, error: Exception) -> EnrolmentFailed:
    """Why the hub did not answer, in words: a wrong clock looks like a bad certificate."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        if cause.verify_code in {_CERTIFICATE_NOT_YET_VALID, _CERTIFICATE_HAS_EXPIRED}:
            return EnrolmentFailed(
                ExitCode.CLOCK_OFF, f"the hub's certificate is {cause.verify_message}: set this machine's clock"
            )
        return EnrolmentFailed(
            ExitCode.UNREACHABLE, f"{url} does not prove to be the hub: {cause.verify_message}; check the address"
        )
    return EnrolmentFailed(ExitCode.UNREACHABLE, f"{url} does not answer ({error}); is the hub running, is the net up?")


def _fetch_ca(ticket: EnrolmentTicket, clock: Clock) -> str:
    """The CA of the hub, compared with the ticket."""
    # Nothing is believed of this answer but what the fingerprint proves.
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    try:
        with httpx.Client(verify=unverified, timeout=_DEADLINE_SECONDS, trust_env=False) as http:
            response = http.get(ticket.url + routes.CA)
            response.raise_for_status()
        certificate = x509.load_pem_x509_certificate(response.content)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _unreachable(ticket.url, error) from error
    except ValueError as error:
        raise EnrolmentFailed(ExitCode.WRONG_FINGERPRINT, f"{ticket.url} sent no certificate") from error
    found = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    if found != ticket.ca_sha256:
        raise EnrolmentFailed(
            ExitCode.WRONG_FINGERPRINT,
            f"{ticket.url} is not the hub of this ticket: its CA has the fingerprint {found[:16]}…, "
            f"the ticket says {ticket.ca_sha256[:16]}…. Nothing was sent to it.",
        )
    _check_clock(response.headers.get("Date", ""), clock)
    return response.text


def _check_clock(date: str, clock: Clock) -> None:
    """Compare our clock with the hub's."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return
    off = (clock.now() - theirs).total_seconds()
    if abs(off) > _CLOCK_TOLERANCE_SECONDS:
        direction = "ahead of" if off > 0 else "behind"
        raise EnrolmentFailed(
            ExitCode.CLOCK_OFF,
            f"this machine's clock is {abs(off) / 3600:.0f} hours {direction} the hub's: set it, then enrol again",
        )


class _Problem(msgspec.Struct):
    type: str = ""
    title: str = ""
    detail: str = ""


def _post(ticket: EnrolmentTicket, ca: str, path: str, body: msgspec.Struct) -> httpx.Response:
    """Ask the hub that the ticket's CA vouches for; its answer, where it is no refusal."""
    trusted = ssl.create_default_context(cadata=ca)
    trusted.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        with httpx.Client(verify=trusted, timeout=_DEADLINE_SECONDS, trust_env=False) as http:
            response = http.post(
                ticket.url + path,
                content=msgspec.json.encode(body),
                headers={routes.WIRE_HEADER: str(VERSION), "Content-Type": "application/json"},
            )
    except (httpx.HTTPError, OSError) as error:
        raise _unreachable(ticket.url, error) from error
    if response.is_success:
        return response
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError as error:
        raise _unreadable(response) from error
    kind = problem.type.rpartition(":")[2]
    raise EnrolmentFailed(_BY_KIND.get(kind, ExitCode.REFUSED), f"{problem.title}. {problem.detail}")


def _unreadable(response: httpx.Response) -> EnrolmentFailed:
    return EnrolmentFailed(ExitCode.REFUSED, f"the hub's answer ({response.status_code}) cannot be read")


def _request(ticket: EnrolmentTicket, ca: str, csr: str) -> Enrolled:
    response = _post(ticket, ca, routes.ENROL, EnrolRequest(code=ticket.code, csr=csr))
    try:
        return msgspec.json.decode(response.content, type=Enrolled)
    except msgspec.DecodeError as error:
        raise _unreadable(response) from error


def _wait_for(ticket: EnrolmentTicket, ca: str, csr: str, wish: BySerial, progress: Callable[[str], None]) -> Enrolled:
    """Ask by the serial number until somebody has admitted the machine."""
    told, give_up_at = False, time.monotonic() + wish.wait_seconds
    while True:
        response = _post(ticket, ca, serials.ROUTE, serials.SerialRequest(serial=wish.serial, csr=csr))
        try:
            if response.status_code != 202:
                return msgspec.json.decode(response.content, type=Enrolled)
            waiting = msgspec.json.decode(response.content, type=serials.SerialWaiting)
        except msgspec.DecodeError as error:
            raise _unreadable(response) from error
        if not told:
            told = True
            progress(
                f"serial number {wish.serial}, fingerprint {waiting.fingerprint}: waiting until somebody compares "
                "both on the hub's console (Terminals, Machines by serial number) and presses Admit"
            )
        if time.monotonic() + waiting.seconds > give_up_at:
            raise EnrolmentFailed(
                ExitCode.STILL_WAITING,
                f"nobody has admitted {wish.serial} (fingerprint {waiting.fingerprint}) yet: "
                "run the command again, it goes on with the same key",
            )
        time.sleep(min(max(waiting.seconds, 0.2), 60.0))


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
        ca = _fetch_ca(ticket, clock)
        in_tpm = with_tpm and tpm.available()
        progress(f"the fingerprint is the ticket's; making a key{', sealed to the TPM' if in_tpm else ''}")
        staged.mkdir(mode=0o700, exist_ok=True)
        key = _make_key(staged, in_tpm=in_tpm)
        if by_serial is None:
            progress("exchanging the code for a certificate")
            enrolled = _request(ticket, ca, key.csr())
        else:
            enrolled = _wait_for(ticket, ca, key.csr(), by_serial, progress)
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
