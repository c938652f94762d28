"""The certificate that the hub itself shows: for every name that terminals call it by, and renewed while it serves."""

import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

import anyio
import structlog
from anyio.to_thread import run_sync
from cryptography import x509

from hub.api.peer import tls_context
from hub.ca import Authority
from kiosk.clock import Clock

_log = structlog.get_logger()
BEFORE: Final = timedelta(days=40)
"""Renewed so long before its end."""
LOOK_SECONDS: Final = 60.0
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  compared


class NoHost(Exception):
    """A name is none of a machine."""


def checked_host(name: str) -> str:
    """A name or address of a machine, as it stands in a certificate.

    Raises:
        NoHost: It is none, e.g. a whole URL.
    """
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if _HOST.fullmatch(name.lower()):
            return name.lower()
    raise NoHost(f"{name!r} is no name or address of a machine: hub.weinan.lan or 10.1.2.3, without https:// and port")


def own_names() -> set[str]:
    """What this machine is called by itself, and the address that it reaches others from."""
    found = {socket.gethostname()}
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asked:  # nothing is sent
                asked.connect((elsewhere, 9))
                found.add(str(asked.getsockname()[0]))
        except OSError:  # no way there
            continue
    names = set()
    for each in found:
        try:
            names.add(checked_host(each))
        except NoHost:
            continue
    return names


def names_of(host: str, names: Iterable[str]) -> set[str]:
    """All names for the certificate of a hub.

    Args:
        host: Where it listens; everywhere counts as what the machine is called.
        names: What terminals call it by besides, e.g. a proxy's.
    """
    everywhere = own_names() if host in _EVERYWHERE else set()
    return {"localhost", "127.0.0.1", "::1", host, *names, *everywhere}


class OwnCertificate:
    """The hub's certificate on its ports.

    Args:
        authority: Issues it.
        names: What others call this hub by.
        clock: The time.
    """

    def __init__(self, authority: Authority, names: set[str], clock: Clock) -> None:
        self._authority, self._names, self._clock = authority, names, clock
        certificate, key = self._issue()
        self.context: Final[ssl.SSLContext] = tls_context(certificate, key, authority.folder / "ca.pem")
        """TLS of all ports; who connects from now on sees the newest certificate."""

    def _issue(self) -> tuple[Path, Path]:
        files = self._authority.serve_as(self._names, self._clock.now())
        self._present = x509.load_pem_x509_certificate(files[0].read_bytes())
        return files

    def renew_if_due(self) -> bool:
        """Issue and show the next one where this one ends soon, or begins later than now; whether it did.

        A clock that was years ahead when the hub started and was put right since makes one that is not valid yet.
        """
        now, present = self._clock.now(), self._present
        if present.not_valid_before_utc <= now < present.not_valid_after_utc - BEFORE:
            return False
        certificate, key = self._issue()
        self.context.load_cert_chain(certificate, key)
        return True

    async def run(self, stopping: anyio.Event) -> None:
        """Look now and then until the hub stops."""
        while not stopping.is_set():
            with anyio.move_on_after(LOOK_SECONDS):
                await stopping.wait()
            try:
                if await run_sync(self.renew_if_due):
                    _log.info("own certificate renewed", until=self._present.not_valid_after_utc.isoformat())
            except Exception as error:  # noqa: BLE001  a full disk: the old one is good for weeks yet
                _log.error("own certificate not renewed", why=type(error).__name__)
