"""Asking the hub to enrol this machine: its CA compared with the ticket, then by a code or by the serial number."""

import hashlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import IntEnum

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from kiosk.clock import Clock
from kiosk.wire import VERSION, routes, serials
from kiosk.wire.fleet import Enrolled, EnrolmentTicket, EnrolRequest

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


def fetch_ca(ticket: EnrolmentTicket, clock: Clock) -> str:
    """The CA of the hub, PEM, compared with the ticket.

    Raises:
        EnrolmentFailed: Says why, and what to do.
    """
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


def by_code(ticket: EnrolmentTicket, ca: str, csr: str) -> Enrolled:
    """Exchange the ticket's code for a certificate.

    Raises:
        EnrolmentFailed: Says why, and what to do.
    """
    response = _post(ticket, ca, routes.ENROL, EnrolRequest(code=ticket.code, csr=csr))
    try:
        return msgspec.json.decode(response.content, type=Enrolled)
    except msgspec.DecodeError as error:
        raise _unreadable(response) from error


def by_serial_number(
    ticket: EnrolmentTicket, ca: str, csr: str, wish: BySerial, progress: Callable[[str], None]
) -> Enrolled:
    """Ask by the serial number until somebody has admitted the machine.

    Raises:
        EnrolmentFailed: Says why, and what to do.
    """
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
