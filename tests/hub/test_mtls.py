import socket
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.clock import WallClock
from kiosk.wire import routes

Running = Any
EVERY_ROUTE = [
    ("POST", routes.EVENTS),
    ("HEAD", f"{routes.PAPERS}/{'0' * 64}"),
    ("PUT", f"{routes.PAPERS}/{'0' * 64}"),
    ("POST", routes.HEALTH),
    ("GET", f"{routes.SIGNED}/rules"),
    ("GET", routes.APPOINTMENTS),
    ("PUT", routes.SCREEN),
    ("GET", routes.TIME),
]


def store(folder: Path, certificate: bytes, key: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate)
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    now = WallClock().now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gate-1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier("urn:kiosk:weinan:gate-1")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return store(folder, certificate.public_bytes(serialization.Encoding.PEM), key)


@pytest.mark.parametrize(("method", "path"), EVERY_ROUTE)
def test_without_certificate_every_route_refuses(running: Running, method: str, path: str) -> None:
    response = running.client().request(method, path)
    assert response.status_code == 401
    if method != "HEAD":
        assert response.json()["type"] == "urn:kiosk:problem:no-certificate"


def test_every_route_is_in_the_list(running: Running) -> None:
    from hub.api.terminals import _enrolling, _open, _terminals

    listed = {(method, path.replace("0" * 64, "{sha256}").replace("/rules", "/{kind}")) for method, path in EVERY_ROUTE}
    assert {(next(iter(route.methods)), route.path) for route in _terminals.routes} == listed
    assert {route.path for route in (*_open.routes, *_enrolling.routes)} == {routes.CA, routes.ENROL}


@pytest.mark.parametrize(("method", "path"), EVERY_ROUTE)
def test_a_self_signed_certificate_ends_the_connection(
    running: Running, tmp_path: Path, method: str, path: str
) -> None:
    with pytest.raises((httpx.HTTPError, ssl.SSLError)):
        running.client(*self_signed(tmp_path)).request(method, path)


def test_an_expired_certificate_ends_the_connection(running: Running, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = WallClock().now()
    good = running.hub.authority.certify(key.public_key(), "weinan", "gate-1", now)
    files = store(tmp_path, good.pem.encode(), key)
    # Of our CA, but not recorded: reaches the route, and is refused there.
    assert running.client(*files).get(routes.TIME).json()["type"].endswith("certificate-replaced")
    expired = running.hub.authority.certify(key.public_key(), "weinan", "gate-1", now, days=-1)
    files = store(tmp_path, expired.pem.encode(), key)
    with pytest.raises((httpx.HTTPError, ssl.SSLError)):
        running.client(*files).get(routes.TIME)


def test_a_server_certificate_is_no_terminal(running: Running) -> None:
    authority = running.hub.authority
    with pytest.raises((httpx.HTTPError, ssl.SSLError)):
        running.client(authority.folder / "server.pem", authority.folder / "server.pem").get(routes.TIME)


def test_a_certificate_that_expires_on_an_open_connection(running: Running, terminal: Any) -> None:
    assert terminal.http.get(routes.TIME).status_code == 200
    certificates = running.hub.certificates
    for fingerprint, (key, expires) in list(certificates._current.items()):
        if key.terminal == terminal.enrolled.terminal:
            certificates._current[fingerprint] = (key, expires - timedelta(days=100))
    assert terminal.http.get(routes.TIME).json()["type"].endswith("certificate-expired")


def test_older_tls_is_refused(running: Running) -> None:
    context = ssl.create_default_context(cadata=running.hub.authority.pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    port = int(running.at.terminals.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.read(1)


def test_another_wire_version_is_refused(terminal: Any) -> None:
    response = terminal.http.get(routes.TIME, headers={routes.WIRE_HEADER: "99"})
    assert response.status_code == 409
    assert response.json()["type"].endswith("wire-version")


def test_the_console_port_has_no_terminal_routes_and_the_other_way_round(running: Running, terminal: Any) -> None:
    with httpx.Client(base_url=running.at.console, trust_env=False) as plain:
        assert plain.post(routes.EVENTS, content=b"[]").status_code in {404, 405}
    assert terminal.http.get("/passages").status_code == 404
