"""Two network namespaces with a bad wire between them; what it loses and delays changes while it is used.

Where the kernel has `netem` it is a veth pair with that; where it has not, two TUN devices and a small program of our
own that carries packets from one to the other: `python -m benchmarks.lossy_wire NEAR FAR`, told by lines on its input
what it loses and how long it takes. Both need root, `ip` and, for the second, `/dev/net/tun`.
"""

import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

NEAR_ADDRESS: Final = "10.77.0.1"
FAR_ADDRESS: Final = "10.77.0.2"
_CLONE_NEWNET: Final = 0x40000000
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN_NO_PI: Final = 0x1001
_DEVICE: Final = "wire0"
_MOST_WAITING: Final = 2000
"""Packets on their way; what comes then is lost, as in a router."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a wire does to each packet.

    Attributes:
        loss: share that is lost, each way.
        delay: seconds that the rest takes, each way.
    """

    loss: float = 0.0
    delay: float = 0.0


GONE: Final = Fault(loss=1.0)


class Wire(Protocol):
    """A wire between two namespaces; `near` and `far` go before a command to run it there."""

    kind: str
    near: list[str]
    far: list[str]

    def be(self, fault: Fault) -> None:
        """From now on, be as bad as this."""
        ...


def why_not() -> str:
    """What is missing for a wire here; empty where nothing is."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need `ip` (iproute2)"
    name = f"kw{os.getpid()}t"
    if _tried("ip", "netns", "add", name):
        return "this system allows no network namespaces"
    try:
        if not (_has_netem(name) or os.access("/dev/net/tun", os.R_OK | os.W_OK)):
            return "neither netem nor /dev/net/tun is there"
    finally:
        _tried("ip", "netns", "del", name)
    return ""


def _has_netem(namespace: str) -> bool:
    if shutil.which("tc") is None:
        return False
    words = ("tc", "qdisc", "add", "dev", "lo", "root", "netem", "loss", "1%")
    return not _tried("ip", "netns", "exec", namespace, *words)


@contextmanager
def lossy_wire() -> Iterator[Wire]:
    """A wire for as long as the context lasts; whole at first.

    Raises:
        CalledProcessError: the system refuses it; `why_not` says so beforehand.
    """
    near, far = f"kw{os.getpid()}a", f"kw{os.getpid()}b"
    with contextlib.ExitStack() as stack:
        for name in (near, far):
            _ip("netns", "add", name)
            stack.callback(_tried, "ip", "netns", "del", name)
            _ip("-n", name, "link", "set", "lo", "up")
        if _has_netem(far):
            _ip("netns", "exec", far, "tc", "qdisc", "del", "dev", "lo", "root")
            yield _netem(near, far)
        else:
            yield stack.enter_context(_relay(near, far))


def _ip(*words: str) -> None:
    command = ["ip", *words]
    subprocess.run(command, check=True, capture_output=True)


def _tried(*words: str) -> int:
    """What a program's end says; 0 is well."""
    return subprocess.run(words, capture_output=True, check=False).returncode


def _inside(name: str) -> list[str]:
    return ["ip", "netns", "exec", name]


# Netem ------------------------------------------------------------------------------------------------------------


class _Netem:
    kind = "netem"

    def __init__(self, near: str, far: str) -> None:
        self.near, self.far = _inside(near), _inside(far)

    def be(self, fault: Fault) -> None:
        words = f"netem loss {100 * fault.loss}% delay {round(1000 * fault.delay)}ms limit {_MOST_WAITING}".split()
        for inside in (self.near, self.far):
            subprocess.run(
                [*inside, "tc", "qdisc", "replace", "dev", _DEVICE, "root", *words], check=True, capture_output=True
            )


def _netem(near: str, far: str) -> Wire:
    _ip("link", "add", _DEVICE, "netns", near, "type", "veth", "peer", "name", _DEVICE, "netns", far)
    _address(near, far)
    return _Netem(near, far)


def _address(near: str, far: str) -> None:
    for name, address in ((near, NEAR_ADDRESS), (far, FAR_ADDRESS)):
        _ip("-n", name, "addr", "add", f"{address}/24", "dev", _DEVICE)
        _ip("-n", name, "link", "set", _DEVICE, "up")


# Our own relay ----------------------------------------------------------------------------------------------------


class _Relay:
    kind = "relay over TUN"

    def __init__(self, near: str, far: str, process: "subprocess.Popen[str]") -> None:
        self.near, self.far, self._process = _inside(near), _inside(far), process

    def be(self, fault: Fault) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{fault.loss} {fault.delay}\n")
        self._process.stdin.flush()


@contextmanager
def _relay(near: str, far: str) -> Iterator[Wire]:
    root = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.lossy_wire", near, far],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "up":
            raise OSError("the relay between two namespaces did not start")
        _address(near, far)
        yield _Relay(near, far, process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _tun(namespace: str) -> int:
    """A TUN device in a namespace; what is sent into it there is read here."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open("rb") as home, Path(f"/run/netns/{namespace}").open("rb") as there:
        if libc.setns(there.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", _DEVICE.encode(), _IFF_TUN_NO_PI))
        finally:
            if libc.setns(home.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
    return device


def _carry(ends: tuple[int, int], told: int) -> None:
    """Carry packets until whoever told us closes its end."""
    fault, chance = Fault(), random.Random(1)
    waiting: list[tuple[float, int, int, bytes]] = []
    count = 0
    words = b""
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([*ends, told], [], [], timeout)
        if told in ready:
            more = os.read(told, 4096)
            if not more:
                return
            *lines, words = (words + more).split(b"\n")
            for line in lines:
                loss, delay = (float(word) for word in line.split())
                fault = Fault(loss, delay)
        for place, end in enumerate(ends):
            if end not in ready:
                continue
            with contextlib.suppress(BlockingIOError):
                while True:
                    packet = os.read(end, 65536)
                    if chance.random() >= fault.loss and len(waiting) < _MOST_WAITING:
                        count += 1
                        heapq.heappush(waiting, (time.monotonic() + fault.delay, count, ends[1 - place], packet))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, end, packet = heapq.heappop(waiting)
            with contextlib.suppress(OSError):  # a device that is not up yet, or is full: a router would lose it too
                os.write(end, packet)


def main() -> None:
    """Carry packets between the two namespaces that are named."""
    os.nice(-5 if os.geteuid() == 0 else 0)  # it stands for a wire, which does not wait for processors
    ends = _tun(sys.argv[1]), _tun(sys.argv[2])
    print("up", flush=True)
    _carry(ends, sys.stdin.fileno())


if __name__ == "__main__":
    main()
