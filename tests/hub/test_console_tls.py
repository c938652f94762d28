"""The console over TLS: a staff certificate signs in, a terminal's does not, and other names are refused."""

import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from cryptography.hazmat.primitives import hashes, serialization

from hub.audit.chain import Actor, Who
from hub.data import DataFolder
from hub.people.accounts import disable, find_account, put_account, set_certificate
from hub.serve import Listening, serving
from kiosk.clock import WallClock

BY = Who(Actor.OPERATOR)


def client(hub: Any, url: str, folder: Path, name: str, key: Any, certificate: Any) -> httpx.Client:
    context = ssl.create_default_context(cadata=hub.authority.pem)
    if key is not None:
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = folder / f"{name}.pem"
        file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(file)
    return httpx.Client(base_url=url, verify=context, trust_env=False, timeout=30)


def test_a_staff_certificate_signs_in(tmp_path: Path) -> None:
    listening = Listening(console_port=0, terminal_port=0, console_name="localhost")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(DataFolder(tmp_path / "data"), listening, WallClock())) as (hub, at),
    ):
        assert at.console.startswith("https://localhost:")
        now = hub.now()
        key, certificate = hub.authority.certify_person("", "boss", now, 5)
        other_key, other = hub.authority.certify_person("", "boss", now, 5)
        _, of_second = hub.authority.certify_person("", "second", now, 5)
        with hub.engine.execution_options(writes=True).begin() as connection:
            roles = frozenset({Actor.SUPERVISOR, Actor.ADMINISTRATOR})
            put_account(connection, hall="", account_id="boss", name="何总", roles=roles, by=BY, now=now)
            put_account(connection, hall="", account_id="second", name="钱", roles=roles, by=BY, now=now)
            for name, shown in (("boss", certificate), ("second", of_second)):
                account = find_account(connection, "", name)
                assert account is not None
                set_certificate(connection, account, shown.fingerprint(hashes.SHA256()).hex(), by=BY, now=now)
        with client(hub, at.console, tmp_path, "boss", key, certificate) as browser:
            page = browser.get("/me")
            assert page.status_code == 200
            assert "何总" in page.text
            assert browser.get("/me", headers={"Host": "evil.example"}).status_code == 403
            with hub.engine.execution_options(writes=True).begin() as connection:
                disable(connection, "", "boss", by=BY, now=now)
            assert browser.get("/me").status_code == 303
        for name, strange, shown in (("none", None, None), ("replaced", other_key, other)):
            with client(hub, at.console, tmp_path, name, strange, shown) as browser:
                assert browser.get("/me").status_code == 303
                wrong = browser.post("/sign-in", data={"hall": "", "id": "boss", "password": "wrong", "code": "1"})
                assert wrong.status_code == 401
        with httpx.Client(base_url=at.console, trust_env=False) as browser, pytest.raises(httpx.ConnectError):
            browser.get("/me")
