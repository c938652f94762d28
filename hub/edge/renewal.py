"""An edge's two certificates renew themselves over its line: towards the city, and towards the hall's terminals.

Each stands with its key in one file, which changes at once. Towards the city the one before comes back where the city
does not answer to the new one; towards the terminals the names stay those that the folder was made with.
"""

import random
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import anyio
import msgspec
import structlog
from anyio.to_thread import run_sync
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.edge.city import City, CityAway, CityRefused
from hub.edge.folder import EdgeFolder
from hub.files import write_durably
from kiosk.clock import Clock
from kiosk.wire import routes
from kiosk.wire.edge import SERVER, ServerIssued, ServerWanted
from kiosk.wire.fleet import Renewed, RenewRequest

_log = structlog.get_logger()
BEFORE: Final = timedelta(days=40)
"""So long before its end a certificate is renewed: half of what the city gives, and before it calls anybody."""
LOOK_SECONDS: Final = 3600.0
_UNDER_WAY_SECONDS: Final = 60.0
_TRIES: Final = 5
_TRY_SECONDS: Final = 3.0


class _Unusable(Exception):
    """A file here, or what the city sent, cannot be used; says why."""


def _ends(file: Path) -> datetime:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise _Unusable(f"{file.name}: {error}") from error


def _new_key() -> tuple[bytes, str]:
    """A key and a request for it, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edge")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return pem, request.public_bytes(serialization.Encoding.PEM).decode()


def _proven(file: Path, csr: str) -> ServerWanted:
    """A wish for the next certificate, with the proof that this is who has the present one."""
    content = file.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _Unusable(f"{file.name} holds no P-256 key: make the folder again with python -m hub edge make")
    certificate = x509.load_pem_x509_certificate(content).public_bytes(serialization.Encoding.PEM).decode()
    return ServerWanted(csr=csr, certificate=certificate, proof=key.sign(csr.encode(), ec.ECDSA(hashes.SHA256())))


class EdgeRenewal:
    """Renews, for as long as it runs.

    Args:
        folder: The edge's.
        city: The line.
        clock: The time.
        port: TLS towards the terminals; connections that are made from now on see the new certificate.
    """

    def __init__(self, folder: EdgeFolder, city: City, clock: Clock, port: ssl.SSLContext) -> None:
        self._folder, self._city, self._clock, self._port = folder, city, clock, port

    async def run(self) -> None:
        """Work until cancelled. What cannot be renewed now is tried again; the hall goes on meanwhile."""
        while True:
            if await self.once():
                await anyio.sleep(_UNDER_WAY_SECONDS)  # what was asked on the old connections is answered by then
                await self._city.forget_before()
            await anyio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311  no secret

    async def once(self) -> int:
        """Renew what is due; how many."""
        done = 0
        for file, renew in ((self._folder.client, self._client), (self._folder.server, self._server)):
            try:
                ends = await run_sync(_ends, file)
                if ends - self._clock.now() > BEFORE:
                    continue
                await renew()
            except (CityAway, CityRefused, _Unusable, OSError, ValueError, msgspec.DecodeError) as error:
                _log.warning("not renewed", file=file.name, why=f"{type(error).__name__}: {error}"[:200])
            else:
                done += 1
                _log.info("renewed", file=file.name, until=(await run_sync(_ends, file)).isoformat())
        return done

    async def _client(self) -> None:
        """The certificate towards the city."""
        key, csr = await run_sync(_new_key)
        wish = msgspec.json.encode(RenewRequest(csr=csr))
        answer = await self._city.ask("POST", routes.RENEW, headers={"content-type": "application/json"}, body=wish)
        if answer.status_code != 200:
            raise CityRefused(answer.status_code, answer.text)
        certificate = msgspec.json.decode(answer.content, type=Renewed).certificate.encode()
        before = await run_sync(self._folder.client.read_bytes)
        await run_sync(write_durably, self._folder.client, certificate + key)
        try:
            self._city.use_again()
            await self._answered()
        except (CityRefused, OSError):
            await run_sync(write_durably, self._folder.client, before)
            self._city.use_again()
            raise

    async def _answered(self) -> None:
        """See that the city answers to the new certificate. A line that goes now says nothing against it."""
        for left in reversed(range(_TRIES)):
            try:
                await self._city.ask("GET", routes.TIME)
            except CityAway:
                return
            except CityRefused:
                if not left:
                    raise
                await anyio.sleep(_TRY_SECONDS)
            else:
                return

    async def _server(self) -> None:
        """The certificate towards the terminals."""
        key, csr = await run_sync(_new_key)
        wish = msgspec.json.encode(await run_sync(_proven, self._folder.server, csr))
        answer = await self._city.ask("POST", SERVER, headers={"content-type": "application/json"}, body=wish)
        if answer.status_code != 200:
            raise CityRefused(answer.status_code, answer.text)
        certificate = msgspec.json.decode(answer.content, type=ServerIssued).certificate.encode()
        await run_sync(write_durably, self._folder.server, certificate + key)
        self._port.load_cert_chain(self._folder.server)
