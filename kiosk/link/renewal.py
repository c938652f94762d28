"""The terminal's certificate is renewed before it ends, over the terminal's own line.

A new key is made for each. Certificate and key change at once, as one file; the ones before stay beside it until the
hub has answered to the new ones.
"""

import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import anyio
import msgspec
from anyio.to_thread import run_sync

from kiosk import tpm
from kiosk.clock import Clock
from kiosk.link.client import HubAway, HubRefused
from kiosk.link.identity import NotEnrolled, TerminalIdentity
from kiosk.log import logger
from kiosk.wire import identity as files
from kiosk.wire import routes
from kiosk.wire.fleet import Renewed, RenewRequest
from kiosk.wire.identity import sync_folder

_log = logger("renewal")
BEFORE: Final = timedelta(days=30)
"""So long before its end a certificate is renewed: a third of its life."""
LOOK_SECONDS: Final = 6 * 3600.0
_UNDER_WAY_SECONDS: Final = 60.0
"""What was asked on the old connections is answered by then."""
_TRIES: Final = 5
_TRY_SECONDS: Final = 3.0
"""Several processes of a hub know of a new certificate after some seconds."""


class Line(Protocol):
    """What is needed of `kiosk.link.client.HubClient`."""

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Ask anything of the hub."""
        ...

    async def time(self) -> datetime:
        """The hub's time."""
        ...

    def use(self, identity: TerminalIdentity) -> None:
        """Connect anew from now on, with the identity as it is."""
        ...

    async def forget_before(self) -> None:
        """Close the connections from before `use`."""
        ...


def expires(folder: Path) -> datetime:
    """When the certificate in force ends.

    Raises:
        NotEnrolled: it cannot be read.
    """
    from cryptography import x509  # noqa: PLC0415  a tenth of a second, and seldom

    try:
        return x509.load_pem_x509_certificate(files.pair_in(folder)[0].read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise NotEnrolled(f"the certificate in {folder} cannot be read ({error}): enrol again") from error


def _new_key(folder: Path) -> tuple[bytes, str]:
    """A new key and a request for it, both PEM; the key encrypted as the one before was.

    Raises:
        OSError: the TPM does not open its passphrase.
    """
    from cryptography import x509  # noqa: PLC0415  the same
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    kept = tpm.passphrase(folder) if tpm.is_sealed(folder) else None
    how = serialization.BestAvailableEncryption(kept) if kept else serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kiosk")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return pem, request.public_bytes(serialization.Encoding.PEM).decode()


def _take(folder: Path, pair: bytes) -> None:
    """Put a new pair in force, durably; the one before stays beside it."""
    new, renewed = folder / f".{files.RENEWED}", folder / files.RENEWED
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(pair)
        stream.flush()
        os.fsync(stream.fileno())
    if renewed.exists():
        previous = folder / files.PREVIOUS
        previous.unlink(missing_ok=True)
        previous.hardlink_to(renewed)
    new.replace(renewed)
    sync_folder(folder)


def _put_back(folder: Path) -> None:
    """The pair from before is in force again."""
    previous, renewed = folder / files.PREVIOUS, folder / files.RENEWED
    if previous.exists():
        previous.replace(renewed)
    else:
        renewed.unlink(missing_ok=True)
    sync_folder(folder)


class Renewal:
    """Renews, for as long as it runs.

    Args:
        identity: the terminal's.
        line: to the hub.
        clock: the wall clock.
    """

    def __init__(self, identity: TerminalIdentity, line: Line, clock: Clock) -> None:
        self._identity, self._line, self._clock = identity, line, clock

    async def run(self) -> None:
        """Work until cancelled. What cannot be renewed now is tried again; the terminal goes on meanwhile."""
        while True:
            try:
                if await self.once():
                    await anyio.sleep(_UNDER_WAY_SECONDS)
                    await self._line.forget_before()
            except (HubAway, HubRefused, NotEnrolled, OSError) as error:
                _log.warning("the certificate was not renewed", why=f"{type(error).__name__}: {error}"[:200])
            # not all terminals of a hall at once, which were enrolled on the same day
            await anyio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311  no secret

    async def once(self) -> bool:
        """Renew when it is time; whether there is a new certificate.

        Raises:
            HubAway: the hub does not answer; nothing has changed.
            HubRefused: it answers, and refuses; nothing has changed.
            NotEnrolled: the present certificate, or the answer, cannot be used.
            OSError: the folder cannot be written.
        """
        folder = self._identity.folder
        ends = await run_sync(expires, folder)
        left = ends - self._clock.now()
        if left > BEFORE:
            return False
        if left <= timedelta(0):
            _log.error("the certificate has expired: enrol the terminal again", detail=ends.isoformat())
            return False
        key, csr = await run_sync(_new_key, folder)
        body = await self._line.exchange("POST", routes.RENEW, msgspec.json.encode(RenewRequest(csr=csr)))
        try:
            certificate = msgspec.json.decode(body, type=Renewed).certificate.encode()
        except msgspec.DecodeError as error:
            raise HubAway(f"the answer cannot be read: {error}") from error
        await run_sync(_take, folder, key + certificate)
        try:
            self._line.use(self._identity)
            await self._answered()
        except (HubRefused, NotEnrolled):
            await run_sync(_put_back, folder)
            self._line.use(self._identity)
            raise
        _log.info("the certificate was renewed", detail=(await run_sync(expires, folder)).isoformat())
        return True

    async def _answered(self) -> None:
        """See that the hub answers to the new certificate. A line that goes now says nothing against it."""
        for left in reversed(range(_TRIES)):
            try:
                await self._line.time()
            except HubAway:
                return
            except HubRefused:
                if not left:
                    raise
                await anyio.sleep(_TRY_SECONDS)
            else:
                return
