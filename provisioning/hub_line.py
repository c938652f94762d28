"""The hub as the technician's tools reach it: is it there, what time is it, is this terminal known to it."""

import ssl
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

import httpx
import msgspec
from cryptography import x509

from kiosk.clock import Clock
from kiosk.tpm import passphrase
from kiosk.wire import VERSION, routes
from kiosk.wire import identity as files
from kiosk.wire.fleet import Enrolled, Health, Signed
from kiosk.wire.signed import BadSignature, verify
from provisioning.talk import CannotDo, Exit

_DEADLINE_S: Final = 8.0
_REPORT_DEADLINE_S: Final = 60.0
"""For each step of handing in a report: the hub looks at every page before it answers."""


@dataclass(frozen=True)
class Papers:
    """The identity of a role, as enrolment stored it."""

    folder: Path
    url: str
    enrolled: Enrolled
    expires: datetime


def identity_in(folder: Path) -> Papers | None:
    """Read an identity; None when the terminal is not enrolled, or only in part."""
    try:
        enrolled = msgspec.json.decode((folder / files.ENROLLED).read_bytes(), type=Enrolled)
        hub = msgspec.json.decode((folder / files.HUB).read_bytes(), type=files.HubAddress)
        certificate = x509.load_pem_x509_certificate(files.pair_in(folder)[0].read_bytes())
    except (OSError, msgspec.DecodeError, ValueError):
        return None
    return Papers(folder, hub.url, enrolled, certificate.not_valid_after_utc)


class _Now(msgspec.Struct):
    now: datetime


class HubLine:
    """One connection to the hub, with the terminal's certificate. A context manager.

    Args:
        papers: the identity.

    Raises:
        CannotDo: key and certificate cannot be used.
    """

    def __init__(self, papers: Papers) -> None:
        folder = papers.folder
        self._rules_key = bytes.fromhex(papers.enrolled.rules_key)
        try:
            context = ssl.create_default_context(cafile=str(folder / files.CA))
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.load_cert_chain(*files.pair_in(folder), password=lambda: passphrase(folder))
        except (OSError, ssl.SSLError) as error:
            raise CannotDo(
                Exit.NOT_NOW, f"{folder}: key or certificate cannot be used ({error}); enrol again"
            ) from error
        self._http = httpx.Client(
            base_url=papers.url,
            verify=context,
            timeout=_DEADLINE_S,
            trust_env=False,
            headers={routes.WIRE_HEADER: str(VERSION)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def offset(self, clock: Clock) -> tuple[timedelta, float]:
        """How far this machine's clock is ahead of the hub's, and how long the answer took in seconds.

        Raises:
            CannotDo: the hub does not answer, or not this terminal; the message says what to do.
        """
        before = clock.now()
        response = self._ask("GET", routes.TIME)
        after = clock.now()
        try:
            theirs = msgspec.json.decode(response.content, type=_Now).now
        except msgspec.DecodeError as error:
            raise CannotDo(
                Exit.HUB, "what answers there does not speak as the hub does; look at its address"
            ) from error
        took = after - before
        return before + took / 2 - theirs, took.total_seconds()

    def tell(self, health: Health) -> None:
        """Tell the hub how the terminal is. Raises as `offset`."""
        self._ask("POST", routes.HEALTH, msgspec.json.encode(health))

    def hand_in(self, report: bytes) -> None:
        """Hand in a signed acceptance report (PDF); the same again changes nothing. Raises as `offset`."""
        self._ask("PUT", routes.ACCEPTANCE, report, within=_REPORT_DEADLINE_S)

    def newest(self, kind: str) -> Signed | None:
        """The signed edition of a kind that this terminal gets, verified; None where there is none. Raises as `offset`.

        Raises:
            CannotDo: it is not signed by this hub.
        """
        try:
            response = self._http.get(f"{routes.SIGNED}/{kind}")
        except httpx.HTTPError as error:
            raise CannotDo(Exit.HUB, _why(str(self._http.base_url), error)) from error
        if response.status_code == 404:
            return None
        if not response.is_success:
            raise CannotDo(Exit.HUB, f"the hub answers {response.status_code}: {_said(response)}")
        try:
            signed = msgspec.json.decode(response.content, type=Signed)
            verify(signed, self._rules_key)
        except (msgspec.DecodeError, BadSignature) as error:
            raise CannotDo(Exit.REFUSED, f"what the hub says of its {kind} is not signed by it") from error
        return signed

    def stream(self, path: str, headers: dict[str, str]) -> AbstractContextManager[httpx.Response]:
        """A large answer, piece by piece."""
        return self._http.stream("GET", path, headers={**headers, "Accept-Encoding": "identity"}, timeout=30.0)

    def _ask(
        self, method: str, path: str, content: bytes | None = None, *, within: float = _DEADLINE_S
    ) -> httpx.Response:
        try:
            response = self._http.request(method, path, content=content, timeout=within)
        except httpx.HTTPError as error:
            raise CannotDo(Exit.HUB, _why(str(self._http.base_url), error)) from error
        if response.status_code in {401, 403}:
            raise CannotDo(Exit.HUB, "the hub does not know this terminal (any more): enrol it again")
        if response.status_code == 409:
            raise CannotDo(Exit.HUB, "the hub speaks another version of the protocol: bring both to the same release")
        if not response.is_success:
            raise CannotDo(Exit.HUB, f"the hub answers {response.status_code}: {_said(response)}")
        return response


class _Problem(msgspec.Struct):
    """What the hub says when it does not do what it was asked (RFC 9457)."""

    title: str
    detail: str


def _said(response: httpx.Response) -> str:
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError:
        return "its log says why"
    return f"{problem.title}. {problem.detail}"[:400]


def _why(url: str, error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        if cause.verify_code in {9, 10}:
            return f"the hub's certificate is {cause.verify_message} by this machine's clock: set the clock"
        return f"{url} does not prove to be the hub this terminal was enrolled at: {cause.verify_message}"
    return f"{url} does not answer ({error}): is the net plugged in, is the address right, is the hub running?"
