"""Who is at the other end: the terminal's certificate, from TLS to the route.

uvicorn does not hand the peer's certificate to the application. `PeerProtocol` (`hub.api.connection`) puts it into the
scope; here it is read. The TLS layer has checked chain,
dates and purpose when the connection was made; here we look whether the certificate is still the terminal's current
one.
"""

import hashlib
import ssl
import threading
from collections.abc import MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select
from starlette.requests import Request

from hub.api.problems import Problem
from hub.fleet.live import TerminalKey
from hub.store import schema


def tls_context(certificate: Path, key: Path, ca: Path) -> ssl.SSLContext:
    """TLS 1.3 for the terminal port. A client may come without certificate (to enrol), but not with a bad one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


_InForce = dict[str, tuple[TerminalKey, datetime]]


def _with(known: _InForce, fingerprint: str, key: TerminalKey, expires: datetime, beside: str = "") -> _InForce:
    """A terminal's new certificate in place of its old ones, but for the one it renews."""
    others = {each: entry for each, entry in known.items() if entry[0] != key or each == beside}
    return {**others, fingerprint: (key, expires)}


def fingerprint_of(scope: MutableMapping[str, Any]) -> str:
    """SHA-256 of the certificate that a request came with; empty for none."""
    tls = scope.get("extensions", {}).get("tls", {})
    der = tls.get("client_der")
    return str(tls.get("sha256") or hashlib.sha256(der).hexdigest()) if der else ""


def _renewals(connection: Connection) -> set[str]:
    """The newest certificates of terminals that have several in force."""
    table = schema.certificate
    newest: dict[tuple[str, str], str] = {}
    several: set[tuple[str, str]] = set()
    for row in connection.execute(select(table).where(table.c.replaced.is_(False)).order_by(table.c.issued)):
        key = (row.hall, row.terminal)
        if key in newest:
            several.add(key)
        newest[key] = row.fingerprint
    return {newest[key] for key in several}


class Certificates:
    """The certificates that are in force, in memory.

    Enrolment in this process changes them at once; what another process or a command did is seen by
    `load_if_changed`, which is called every few seconds.
    """

    def __init__(self) -> None:
        self._current: _InForce = {}
        self._mark: tuple[object, ...] = ()
        self._lock = threading.Lock()
        """They are read in a thread, and added to on the event loop."""
        self._meanwhile: list[tuple[str, TerminalKey, datetime, str]] = []
        """Added since reading began, and perhaps not read."""
        self._unused: frozenset[str] = frozenset()
        """Renewals that were not used yet: those that they follow are in force beside them."""
        self._used: set[str] = set()

    def load(self, connection: Connection) -> None:
        """Read them from the database."""
        with self._lock:
            self._meanwhile.clear()
        self._read(connection)

    def load_if_changed(self, connection: Connection) -> None:
        """Read them again where another process has changed them."""
        with self._lock:
            self._meanwhile.clear()
        table = schema.certificate
        counted = connection.execute(
            select(func.count(), func.max(table.c.issued), func.count().filter(table.c.replaced))
        ).one()
        mark = tuple(counted)
        if mark != self._mark:
            # Where one was added meanwhile it is not known what was read first: read again the next time.
            self._mark = mark if self._read(connection) else ()

    def _read(self, connection: Connection) -> bool:
        """Take what the database has; whether nothing was added meanwhile."""
        table = schema.certificate
        found = {
            row.fingerprint: (TerminalKey(row.hall, row.terminal), row.expires)
            for row in connection.execute(select(table).where(table.c.replaced.is_(False)))
        }
        unused = _renewals(connection)
        with self._lock:
            for added in self._meanwhile:
                found = _with(found, *added)
            self._current = found
            self._unused = frozenset(unused | {added[0] for added in self._meanwhile if added[3]})
            return not self._meanwhile

    def add(self, fingerprint: str, key: TerminalKey, expires: datetime) -> None:
        """A terminal was enrolled: its new certificate is the only one."""
        self.add_beside(fingerprint, key, expires, "")

    def add_beside(self, fingerprint: str, key: TerminalKey, expires: datetime, beside: str) -> None:
        """A terminal's certificate was renewed: the one it came with stays in force until the new one is used."""
        with self._lock:
            self._meanwhile.append((fingerprint, key, expires, beside))
            self._current = _with(self._current, fingerprint, key, expires, beside)
            if beside:
                self._unused |= {fingerprint}

    def take_used(self) -> set[str]:
        """Renewals that were used for the first time since this was asked last."""
        with self._lock:
            used, self._used = self._used, set()
            self._unused -= used
        return used

    def owner_of(self, fingerprint: str) -> TerminalKey | None:
        """Whose certificate in force it is."""
        entry = self._current.get(fingerprint)
        return None if entry is None else entry[0]

    def shown_for(self, fingerprint: str, key: TerminalKey) -> bool:
        """Whether a certificate that a terminal showed to its hall's edge is in force; a new one counts as used."""
        entry = self._current.get(fingerprint)
        if entry is None or entry[0] != key:
            return False
        if fingerprint in self._unused:
            self._used.add(fingerprint)
        return True

    def terminal_of(self, request: Request, now: datetime) -> TerminalKey:
        """Which terminal sends a request.

        Raises:
            Problem: 401 without a certificate, or with one that is not in force.
        """
        return self.terminal_in(request.scope, now)

    def terminal_in(self, scope: MutableMapping[str, Any], now: datetime) -> TerminalKey:
        """As `terminal_of`, of a request's scope.

        Raises:
            Problem: 401 without a certificate, or with one that is not in force.
        """
        tls = scope.get("extensions", {}).get("tls", {})
        der = tls.get("client_der")
        if not der:
            raise Problem(
                401, "no-certificate", "This terminal sent no certificate", "Enrol it: python -m provisioning enrol."
            )
        fingerprint = tls.get("sha256") or hashlib.sha256(der).hexdigest()
        entry = self._current.get(fingerprint)
        if entry is None:
            raise Problem(
                401, "certificate-replaced", "This certificate is no longer in force", "Enrol the terminal again."
            )
        key, expires = entry
        if self._unused and fingerprint in self._unused:
            self._used.add(fingerprint)
        if now >= expires:  # a connection may outlive the certificate it was opened with
            raise Problem(401, "certificate-expired", "This certificate has expired", "Enrol the terminal again.")
        return key
