"""The hub's own certificate: for the names that terminals call it by, and renewed while it serves."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from typer.testing import CliRunner

from hub.__main__ import app
from hub.ca import Authority
from hub.certificate import BEFORE, NoHost, OwnCertificate, checked_host, names_of
from kiosk.clock import WallClock
from kiosk.wire.fleet import EnrolmentTicket
from provisioning.enrol import enrol

pytestmark = pytest.mark.timeout(300)
START = datetime(2026, 11, 23, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


def shown(context: ssl.SSLContext, folder: Path) -> x509.Certificate:
    """What somebody sees who connects now."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = context.wrap_bio(there, here, server_side=True)
        caller = client.wrap_bio(here, there)
        for _ in range(4):
            for side in (caller, server):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
        return x509.load_der_x509_certificate(caller.getpeercert(binary_form=True) or b"")


def test_it_is_renewed_while_the_hub_serves(tmp_path: Path) -> None:
    clock = Clock()
    own = OwnCertificate(Authority(tmp_path, clock.now()), {"localhost", "hub.weinan.lan"}, clock)
    first = shown(own.context, tmp_path)
    clock.at = first.not_valid_after_utc - BEFORE - timedelta(minutes=1)
    assert not own.renew_if_due()
    clock.at += timedelta(minutes=2)
    assert own.renew_if_due()
    second = shown(own.context, tmp_path)
    assert second.not_valid_after_utc > first.not_valid_after_utc
    names = second.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hub.weinan.lan", "localhost"]
    assert not own.renew_if_due()
    clock.at = START - timedelta(days=400)  # the clock was years ahead, and is put right
    assert own.renew_if_due()
    assert shown(own.context, tmp_path).not_valid_before_utc < clock.at


@pytest.mark.parametrize("name", ["https://hub.lan:8443", "hub.lan:8443", "", "hub lan", "-a", "*.lan", "渭南"])
def test_what_is_no_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(NoHost, match="without https"):
        checked_host(name)
    if name and not name.startswith("-"):
        done = CliRunner().invoke(app, ["serve", "--data", str(tmp_path), "--name", name])
        assert done.exit_code == 2
        assert "no name or address" in done.output


def test_everywhere_is_what_the_machine_is_called() -> None:
    assert {checked_host("HUB.Weinan.LAN"), checked_host("10.1.2.3")} == {"hub.weinan.lan", "10.1.2.3"}
    assert names_of("10.0.0.5", ["hub.lan"]) == {"localhost", "127.0.0.1", "::1", "10.0.0.5", "hub.lan"}
    assert names_of("0.0.0.0", []) >= {"localhost", "0.0.0.0"}


def test_a_terminal_enrols_by_the_name_that_the_hub_is_called_by(tmp_path: Path, monkeypatch: Any) -> None:
    """As in a hall: the hub listens everywhere, and the ticket has its name."""
    command = [sys.executable, "-m", "hub", "serve", "--data", str(tmp_path / "hub"), "--host", "0.0.0.0"]
    ports = ["--console-port", "0", "--terminal-port", "0", "--name", "hub.weinan.lan"]
    limited = ["sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh", *command, *ports]
    served = subprocess.Popen(limited, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert served.stdout is not None
        told = json.loads(served.stdout.readline())
        assert told["terminals"].startswith("https://hub.weinan.lan:")
        limits = Path(f"/proc/{served.pid}/limits").read_text().splitlines()
        (files,) = (line for line in limits if line.startswith("Max open files"))
        assert int(files.split()[3]) > 256  # as many as the system allows
        options = [
            "--hall",
            "weinan",
            "--terminal",
            "gate-1",
            "--role",
            "gate",
            "--data",
            str(tmp_path / "hub"),
            "--json",
        ]
        done = CliRunner().invoke(app, ["code", *options])
        ticket = json.loads(done.output)
        assert ticket["url"] == told["terminals"]
        real = socket.getaddrinfo

        def resolved(host: Any, *more: Any, **most: Any) -> Any:
            return real("127.0.0.1" if host in {"hub.weinan.lan", b"hub.weinan.lan"} else host, *more, **most)

        monkeypatch.setattr("socket.getaddrinfo", resolved)
        given = EnrolmentTicket(**ticket)
        enrol(given, tmp_path / "identity", WallClock(), lambda _step: None, with_tpm=False)
        assert (tmp_path / "identity" / "certificate.pem").exists()
    finally:
        os.kill(served.pid, signal.SIGTERM)
        served.wait(100)
        if served.stdout is not None:
            served.stdout.close()
