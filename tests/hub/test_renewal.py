"""Certificates renewed over the line: both good until the new one is used; refused, lost and interrupted renewals."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from cryptography import x509
from sqlalchemy import update

from hub.fleet.alarms import AlarmKind, Limits, wrong_with
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.seen import certificate_ends, seen_of
from hub.store import schema
from kiosk.clock import WallClock
from kiosk.link.client import HubAway, HubClient, HubRefused
from kiosk.link.identity import load
from kiosk.link.renewal import BEFORE, Renewal, _new_key, expires
from kiosk.wire import identity as files
from kiosk.wire import routes
from kiosk.wire.fleet import Renewed, RenewRequest
from provisioning.enrol import enrol
from provisioning.hub_line import identity_in
from provisioning.signing import sign, signer_of
from tests.hub.test_terminal_pages import health

pytestmark = pytest.mark.timeout(240)
Running = Any


class Clock:
    """So many days from now."""

    def __init__(self, days: float) -> None:
        self.days = days

    def now(self) -> datetime:
        return WallClock().now() + timedelta(days=self.days)


def key_of(terminal: Any) -> TerminalKey:
    return TerminalKey(terminal.enrolled.hall, terminal.enrolled.terminal)


def end_soon(running: Running, terminal: Any, days: float = 20) -> None:
    """The hub takes its certificate for one that ends soon, and may be renewed."""
    table, key = schema.certificate, key_of(terminal)
    ends = running.hub.now() + timedelta(days=days)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        mine = (table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.replaced.is_(False))
        connection.execute(update(table).where(*mine).values(expires=ends))
    with running.hub.engine.connect() as connection:
        running.hub.certificates.load(connection)


def in_force(running: Running, terminal: Any) -> int:
    key = key_of(terminal)
    sql = "SELECT count(*) FROM certificate WHERE hall = ? AND terminal = ? AND NOT replaced"
    return int(running.rows(sql, key.hall, key.terminal)[0][0])


def until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def renewed(terminal: Any, clock: Any, line: Callable[[HubClient], Any] = lambda hub: hub) -> bool:
    """As the terminal does it."""

    async def main() -> bool:
        identity = load(terminal.folder)
        async with HubClient(identity) as hub:
            done = await Renewal(identity, line(hub), clock).once()
            await hub.time()
        return done

    return anyio.run(main)


def asked(client: httpx.Client) -> httpx.Response:
    return client.post(routes.RENEW, content=msgspec.json.encode(RenewRequest(csr=_new_key(Path("not-there"))[1])))


def test_the_old_one_is_good_until_the_new_one_is_used(running: Running) -> None:
    terminal = running.terminal()
    end_soon(running, terminal)
    first, second = asked(terminal.http), asked(terminal.http)  # the first answer was lost
    assert (first.status_code, second.status_code) == (200, 200)
    until(lambda: in_force(running, terminal) == 2)  # the lost one is out of force
    time.sleep(4)  # as long as the hub takes to notice
    assert terminal.http.get(routes.TIME).status_code == 200
    pem = msgspec.json.decode(second.content, type=Renewed).certificate
    certificate = x509.load_pem_x509_certificate(pem.encode())
    assert certificate.not_valid_after_utc - running.hub.now() > timedelta(days=80)


def test_a_terminal_renews_itself_and_goes_on(running: Running) -> None:
    terminal = running.terminal()
    before = expires(terminal.folder)
    assert not renewed(terminal, WallClock())  # not yet
    end_soon(running, terminal)
    soon = Clock((before - WallClock().now() - BEFORE).days + 1)
    assert renewed(terminal, soon)
    assert files.pair_in(terminal.folder)[0].name == files.RENEWED
    assert (terminal.folder / files.RENEWED).stat().st_mode & 0o777 == 0o600
    until(lambda: in_force(running, terminal) == 1)  # the old one went when the new one was used
    old = running.client(terminal.folder / files.CERTIFICATE, terminal.folder / files.KEY)
    until(lambda: old.get(routes.TIME).status_code == 401)
    assert expires(terminal.folder) >= before.replace(microsecond=0)
    # And once more, from the renewed one; what the technician's tools do goes with it.
    end_soon(running, terminal)
    assert renewed(terminal, soon)
    papers = identity_in(terminal.folder)
    assert papers is not None
    assert papers.expires == expires(terminal.folder)
    signed = sign(b"{}", terminal.folder)
    assert "PRIVATE" not in signed.certificate
    assert signer_of(signed, (terminal.folder / files.CA).read_bytes(), WallClock().now())


def test_too_early_and_bad_requests_are_refused(running: Running) -> None:
    terminal = running.terminal()
    early = asked(terminal.http)
    assert (early.status_code, early.json()["type"]) == (409, "urn:kiosk:problem:too-early")
    for wrong in (b"{", b"{}", b'{"csr": "x"}'):
        assert terminal.http.post(routes.RENEW, content=wrong).status_code == 422
    assert running.client().post(routes.RENEW, content=b"{}").status_code == 401
    assert in_force(running, terminal) == 1


class Broken:
    """A line over which something goes wrong after the renewal."""

    def __init__(self, hub: HubClient, failure: Exception) -> None:
        self.hub, self.failure, self.asked = hub, failure, 0

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        return await self.hub.exchange(method, path, content)

    def use(self, identity: Any) -> None:
        self.hub.use(identity)

    async def forget_before(self) -> None:
        await self.hub.forget_before()

    async def time(self) -> datetime:
        self.asked += 1
        raise self.failure


def test_a_new_one_that_the_hub_refuses_is_put_back(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.link.renewal._TRY_SECONDS", 0.01)
    terminal = running.terminal()
    end_soon(running, terminal)
    refused = HubRefused(401, "certificate-replaced", "no longer in force")
    soon = Clock(70)
    with pytest.raises(HubRefused):
        renewed(terminal, soon, lambda hub: Broken(hub, refused))
    assert files.pair_in(terminal.folder)[0].name == files.CERTIFICATE
    assert terminal.http.get(routes.TIME).status_code == 200
    assert renewed(terminal, soon)  # and the next time it works


def test_a_line_that_goes_after_the_answer_costs_nothing(running: Running) -> None:
    terminal = running.terminal()
    end_soon(running, terminal)
    assert renewed(terminal, Clock(70), lambda hub: Broken(hub, HubAway("cut")))
    assert files.pair_in(terminal.folder)[0].name == files.RENEWED


def test_enrolled_again_what_was_renewed_is_gone(running: Running) -> None:
    terminal = running.terminal()
    end_soon(running, terminal)
    assert renewed(terminal, Clock(70))
    ticket = running.ticket(terminal.enrolled.terminal)
    enrol(ticket, terminal.folder, WallClock(), lambda _: None, again=True)
    assert files.pair_in(terminal.folder)[0].name == files.CERTIFICATE
    again = running.client(terminal.folder / files.CERTIFICATE, terminal.folder / files.KEY)
    assert again.get(routes.TIME).status_code == 200
    assert in_force(running, terminal) == 1


def test_an_expired_one_is_not_asked_with_and_the_hub_says_so(running: Running) -> None:
    terminal = running.terminal()
    assert not renewed(terminal, Clock(100))
    now = running.hub.now()
    seen = seen_of(Heard(health(terminal), now - timedelta(hours=1)))
    for ends, kind in ((now - timedelta(days=1), AlarmKind.EXPIRED), (now + timedelta(days=9), AlarmKind.CERTIFICATE)):
        for at in (now, now - timedelta(hours=1)):  # silent, and heard just now
            found = wrong_with(seen, ends, frozenset({(AlarmKind.CERTIFICATE, "")}), at, Limits())
            assert (kind, "") in found
            assert len({AlarmKind.EXPIRED, AlarmKind.CERTIFICATE} & {each for each, _ in found}) == 1
    with running.hub.engine.connect() as connection:
        assert certificate_ends(connection)[key_of(terminal)] > now + timedelta(days=80)
