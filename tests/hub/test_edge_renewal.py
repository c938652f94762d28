"""Certificates with an edge between: the edge's own renew themselves, and those of terminals renew through it."""

import ssl
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from anyio.from_thread import start_blocking_portal
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hub.api.peer import tls_context
from hub.edge.city import City
from hub.edge.folder import EdgeFolder
from hub.edge.renewal import EdgeRenewal, _new_key, _proven
from hub.edge.serve import serving_edge
from hub.fleet import bundles, orders
from hub.fleet.live import TerminalKey
from kiosk.clock import WallClock
from kiosk.link.client import HubClient
from kiosk.link.identity import load
from kiosk.link.renewal import BEFORE, Renewal, expires
from kiosk.wire import routes
from kiosk.wire.edge import SERVER, SHOWN_HEADER, ServerIssued
from kiosk.wire.fleet import EnrolmentTicket
from kiosk.wire.orders import OrderFate, OrderKind, Orders, OrderSettled
from provisioning.enrol import BySerial, enrol
from tests.hub.test_edge import cut, edge_at, folder, identity, through, until
from tests.hub.test_enrol_serial import expect
from tests.hub.test_renewal import Clock, end_soon, in_force

__all__ = ("folder",)
pytestmark = pytest.mark.timeout(240)
Running = Any


def made(folder: EdgeFolder, days: float) -> int:
    """Renew as a serving edge does, so many days from now; how many were."""

    async def main() -> int:
        city = City(folder)
        context = tls_context(folder.server, folder.server, folder.ca)
        try:
            return await EdgeRenewal(folder, city, Clock(days), context).once()
        finally:
            await city.close()

    return anyio.run(main)


def certificate(file: Any) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_both_of_the_edges_own_renew_themselves(running: Running, folder: EdgeFolder) -> None:
    client, server = certificate(folder.client), certificate(folder.server)
    assert made(folder, 0) == 0  # not yet
    edge = type("Edge", (), {"enrolled": type("E", (), {"hall": "weinan", "terminal": folder.name})})
    end_soon(running, edge)
    assert made(folder, 340) == 2
    assert certificate(folder.client).serial_number != client.serial_number
    fresh = certificate(folder.server)
    assert fresh.serial_number != server.serial_number
    names = x509.SubjectAlternativeName
    assert fresh.extensions.get_extension_for_class(names) == server.extensions.get_extension_for_class(names)
    assert fresh.not_valid_after_utc > server.not_valid_after_utc - timedelta(days=1)
    with httpx.Client(base_url=running.at.terminals, headers={"X-Kiosk-Wire": "1"}, **identity(folder)) as http:
        assert http.get(routes.TIME).status_code == 200
    until(lambda: in_force(running, edge) == 1, "the one before is out of force")
    with edge_at(folder) as (_, address), httpx.Client(base_url=address, verify=ca(folder)) as http:
        assert http.get(routes.CA).status_code == 200


def ca(folder: EdgeFolder) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder.ca)


def test_a_serving_edge_shows_the_new_one_to_who_connects_from_then_on(running: Running, folder: EdgeFolder) -> None:
    before = certificate(folder.server).serial_number
    with (
        start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(serving_edge(folder, "127.0.0.1", 0, Clock(340))) as (_, address),
    ):
        place = (str(httpx.URL(address).host), httpx.URL(address).port or 0)

        def shown() -> int:
            return x509.load_pem_x509_certificate(ssl.get_server_certificate(place).encode()).serial_number

        until(lambda: shown() != before, "it renewed itself, and shows it without a restart")
        assert shown() == certificate(folder.server).serial_number


def test_nobody_else_gets_a_certificate_for_an_edges_names(running: Running, terminal: Any, folder: EdgeFolder) -> None:
    pem, csr = _new_key()
    wish = _proven(folder.server, csr)
    with httpx.Client(base_url=running.at.terminals, headers={"X-Kiosk-Wire": "1"}, **identity(folder)) as http:

        def ask(changed: Any) -> int:
            return http.post(SERVER, content=msgspec.json.encode(changed)).status_code

        assert terminal.http.post(SERVER, content=msgspec.json.encode(wish)).status_code == 403
        other = ec.generate_private_key(ec.SECP256R1())
        not_its = other.sign(csr.encode(), ec.ECDSA(hashes.SHA256()))
        assert ask(msgspec.structs.replace(wish, proof=not_its)) == 403
        own = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([]))
        own = own.serial_number(7).not_valid_before(WallClock().now()).not_valid_after(Clock(9).now())
        signed = own.public_key(other.public_key()).sign(other, hashes.SHA256())
        its = signed.public_bytes(serialization.Encoding.PEM).decode()
        assert ask(msgspec.structs.replace(wish, certificate=its, proof=not_its)) == 422
        mine = folder.client.read_bytes().decode()  # of a client, not of a server
        its_key = serialization.load_pem_private_key(folder.client.read_bytes(), None)
        assert isinstance(its_key, ec.EllipticCurvePrivateKey)
        proof = its_key.sign(csr.encode(), ec.ECDSA(hashes.SHA256()))
        assert ask(msgspec.structs.replace(wish, certificate=mine, proof=proof)) == 422
        assert ask({"csr": csr}) == 422
        good = http.post(SERVER, content=msgspec.json.encode(wish))
        assert b"BEGIN CERTIFICATE" in msgspec.json.decode(good.content, type=ServerIssued).certificate.encode()
    assert pem.startswith(b"-----BEGIN PRIVATE KEY")


def test_a_city_that_is_away_or_refuses_changes_nothing(running: Running, folder: EdgeFolder) -> None:
    before = folder.client.read_bytes(), folder.server.read_bytes()
    assert made(cut(folder), 340) == 0
    assert (folder.client.read_bytes(), folder.server.read_bytes()) == before
    folder.client.write_bytes(b"no certificate" + before[0])
    folder.server.write_bytes(before[1].replace(b"BEGIN PRIVATE", b"BEGIN NO"))
    with pytest.raises((ssl.SSLError, ValueError)):
        made(folder, 340)


def test_a_terminal_renews_through_the_edge(running: Running, terminal: Any, folder: EdgeFolder) -> None:
    with edge_at(folder) as (edge, address):
        hub_file = terminal.folder / "hub.json"
        hub_file.write_bytes(hub_file.read_bytes().replace(running.at.terminals.encode(), address.encode()))
        ends = expires(terminal.folder)
        end_soon(running, terminal)
        soon = Clock((ends - WallClock().now() - BEFORE).days + 1)
        before = (terminal.folder / "certificate.pem").read_bytes()

        async def renew() -> bool:
            mine = load(terminal.folder)
            async with HubClient(mine) as hub:
                done = await Renewal(mine, hub, soon).once()
                await hub.time()
            return done

        # An answer that gets lost: the old one is still good at the edge, and asks again.
        with through(terminal, address) as sender:
            csr = _new_key()[1]
            lost = sender.http.post(routes.RENEW, content=msgspec.json.encode({"csr": csr}))
            assert lost.status_code == 200, lost.text
            until(lambda: edge._city is not None and sender.http.get(routes.TIME).status_code == 200, "the old one")
        assert anyio.run(renew)
        until(lambda: in_force(running, terminal) == 1, "the one before ends when the new one is used, at the edge too")
        assert (terminal.folder / "renewed.pem").exists()
        assert (terminal.folder / "certificate.pem").read_bytes() == before
        with through(terminal, address) as old:  # the old certificate
            until(lambda: old.http.get(routes.TIME).status_code == 401, "the old one is out of force")


def test_the_city_believes_no_certificate_that_is_not_the_terminals(
    running: Running, terminal: Any, folder: EdgeFolder
) -> None:
    other = running.terminal()
    shown = certificate(other.folder / "certificate.pem").fingerprint(hashes.SHA256()).hex()
    headers = {"X-Kiosk-Wire": "1", "X-Kiosk-For": terminal.enrolled.terminal}
    with httpx.Client(base_url=running.at.terminals, headers=headers, **identity(folder)) as http:
        assert http.get(routes.TIME).status_code == 200
        assert http.get(routes.TIME, headers={SHOWN_HEADER: shown}).status_code == 401
        assert http.get(routes.TIME, headers={SHOWN_HEADER: "x" * 300}).status_code == 401
        wish = msgspec.json.encode({"csr": _new_key()[1]})
        unsaid = http.post(routes.RENEW, content=wish)  # an edge of before: it would renew its own
        assert (unsaid.status_code, unsaid.json()["type"]) == (409, "urn:kiosk:problem:not-shown")


def test_orders_and_bundles_through_the_edge_while_the_city_goes_and_comes(
    running: Running, terminal: Any, folder: EdgeFolder
) -> None:
    key = TerminalKey("weinan", terminal.enrolled.terminal)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        kinds = (OrderKind.MESSAGE, OrderKind.LOCK, OrderKind.BUNDLE)
        numbers = [
            orders.give(connection, [key], kind, by="t1", now=running.hub.now(), text="请稍候")[0] for kind in kinds
        ]
    with edge_at(cut(folder)) as (_, address), through(terminal, address) as sender:
        assert sender.http.get(f"{routes.ORDERS}?wait=0").status_code in {401, 503}
    with edge_at(folder) as (_, address), through(terminal, address) as sender:
        found = msgspec.json.decode(sender.http.get(f"{routes.ORDERS}?wait=0").content, type=Orders).orders
        assert [(each.number, each.kind) for each in found] == list(zip(numbers, kinds, strict=True))
        settled = msgspec.json.encode(OrderSettled(fate=OrderFate.DONE))
        for number in numbers[:2]:
            for _ in range(2):  # an answer that was lost
                assert sender.http.put(f"{routes.ORDERS}/{number}", content=settled).status_code == 204
    # The city goes away before the bundle is sent; it waits and is sent when it is back, once.
    with edge_at(cut(folder)) as (_, address), through(terminal, address) as sender:
        sent = sender.http.put(f"{routes.ORDERS}/{numbers[2]}/bundle", content=b"\x1f\x8b" + b"x" * 500_000)
        assert sent.status_code in {401, 503}
    with edge_at(folder) as (_, address), through(terminal, address) as sender:
        (left,) = msgspec.json.decode(sender.http.get(f"{routes.ORDERS}?wait=0").content, type=Orders).orders
        assert left.number == numbers[2]
        body = b"\x1f\x8b" + b"x" * 500_000
        assert sender.http.put(f"{routes.ORDERS}/{left.number}/bundle", content=body).status_code in {200, 201, 204}
        assert sender.http.put(f"{routes.ORDERS}/{left.number}", content=settled).status_code == 204
    assert bundles.file_of(running.hub.data.bundles, key, numbers[2]).read_bytes() == body
    with running.hub.engine.connect() as connection:
        fates = {each.number: each.fate for each in orders.history(connection, key)}
    assert [fates[number] for number in numbers] == [OrderFate.DONE] * 3


def test_a_machine_enrols_by_its_serial_number_through_the_edge(
    running: Running, folder: EdgeFolder, tmp_path: Any
) -> None:
    expect(running, "KZ7-7000,weinan,gate-e7,gate,", at_once=True)
    with edge_at(folder) as (_, address):
        ticket = EnrolmentTicket(url=address, ca_sha256=running.hub.authority.fingerprint)
        done = enrol(ticket, tmp_path / "id", WallClock(), lambda _line: None, by_serial=BySerial("KZ7-7000"))
        assert done.terminal == "gate-e7"
        mine = replace(load(tmp_path / "id"))

        async def hear() -> None:
            async with HubClient(mine) as hub:
                await hub.time()

        anyio.run(hear)
