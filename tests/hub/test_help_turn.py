"""Remote help where nothing but a TURN server connects both sides: a real coturn, credentials as the hub makes them.

Three network namespaces: the terminal's, the browser's, and the server's between them, which forwards nothing.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.help_call import PARTY, Peer, Worker, connect, counted
from benchmarks.lossy_wire import why_not
from hub.help.settings import Settings
from kiosk.clock import WallClock
from kiosk.help import messages
from kiosk.wire.help import Relay

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SECRET = b"a secret that only the hub and the relay know"
NEAR, FAR = "10.78.1", "10.78.2"
SERVER = shutil.which("turnserver")


def ip(*words: str) -> None:
    command = ["ip", *words]
    subprocess.run(command, check=True, capture_output=True)


def given(address: str, secret: bytes = SECRET, *, age: timedelta = timedelta()) -> Relay:
    """What the hub gives to one side."""
    settings = Settings(urls=(f"turn:{address}:3478?transport=udp",), secret=secret)
    (relay,) = settings.relays("weinan-desk-1", WallClock().now() - age)
    return relay


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], list[str]]]:
    """What goes before a command to run it at the terminal, and at the browser."""
    if SERVER is None:
        pytest.skip("coturn is not installed: apt-get install coturn")
    if why := why_not():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("turn")
    near, middle, far = (f"kt{os.getpid()}{part}" for part in "nmf")
    with contextlib.ExitStack() as stack:
        for name in (near, middle, far):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        for name, link, net in ((near, "near0", NEAR), (far, "far0", FAR)):
            ip("link", "add", link, "netns", middle, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("-n", middle, "addr", "add", f"{net}.1/24", "dev", link)
            ip("-n", middle, "link", "set", link, "up")
            ip("-n", name, "addr", "add", f"{net}.2/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "route", "add", "default", "via", f"{net}.1")
        settings = (
            *(f"--listening-ip={net}.1" for net in (NEAR, FAR)),
            f"--relay-ip={FAR}.1",
            "--listening-port=3478",
            "--use-auth-secret",
            f"--static-auth-secret={SECRET.decode()}",
            "--realm=hall",
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            "--log-file=stdout",
            f"--pidfile={folder}/pid",
            f"--userdb={folder}/db",
        )
        log = stack.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(
            ["ip", "netns", "exec", middle, SERVER, "-n", *settings], stdout=log, stderr=subprocess.STDOUT
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        listens(middle, folder)
        yield ["ip", "netns", "exec", near], ["ip", "netns", "exec", far]


def listens(namespace: str, folder: Path) -> None:
    deadline = time.monotonic() + 60
    look = ["ip", "netns", "exec", namespace, "cat", "/proc/net/udp"]
    while ":0D96 " not in subprocess.run(look, check=True, capture_output=True, text=True).stdout:
        assert time.monotonic() < deadline, (folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
        time.sleep(0.2)


def test_a_call_by_nothing_but_the_relay(sides: tuple[list[str], list[str]]) -> None:
    near, far = sides
    theirs = given(f"{FAR}.1")
    worker, peer = Worker(near), Peer(far, (theirs.urls[0], theirs.username, theirs.credential))
    try:
        worker.until(messages.Ready)
        connect(worker, peer, relays=(given(f"{NEAR}.1"),))
        made = [each for each in worker.reports if isinstance(each, messages.Made)]
        assert "typ relay" in made[-1].sdp
        deadline = time.monotonic() + 120
        while True:
            found: dict[str, Any] = counted(worker, peer, 3.0)
            least = min(found["camera_fps"], found["screen_fps"], found["staff_fps"], found["pointers_a_second"])
            if least > 0 and found["staff_sound_share"] > 0:
                break
            assert time.monotonic() < deadline, found
    finally:
        worker.close()
        peer.close()


@pytest.mark.parametrize("bad", ["another secret", "expired"])
def test_who_has_no_right_credentials_gets_no_relay(sides: tuple[list[str], list[str]], bad: str) -> None:
    near, _ = sides
    relay = given(f"{NEAR}.1", b"what somebody guesses of it") if bad == "another secret" else None
    relay = relay or given(f"{NEAR}.1", age=timedelta(hours=5))
    worker = Worker(near)
    try:
        worker.until(messages.Ready)
        worker.tell(messages.Offer(party=PARTY, attempt=1, relays=(relay,)))
        made = worker.until(messages.Made)
    finally:
        worker.close()
    assert "typ relay" not in made.sdp
    assert "typ host" in made.sdp, "on one network it is connected all the same"


def test_a_relay_that_is_away_keeps_nobody_from_the_network_they_share() -> None:
    worker, peer = Worker(), Peer()
    try:
        worker.until(messages.Ready)
        connect(worker, peer, relays=(given("127.0.0.9"),))
    finally:
        worker.close()
        peer.close()
