"""A turnstile behind an OSDP device. The device is libosdp in the role of the peripheral, in a process of its own."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import threading
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.turnstile import People, Turnstile
from drivers.simulate.wire import PtySimulator

_ADDRESS: Final = 101
_KEY: Final = bytes(range(16)).hex()
"""Invented, and worth nothing: it opens nothing but this simulator."""
_WATCH_S: Final = 0.01


class OsdpSimulator(PtySimulator, People):
    """Output 0 opens the turnstile for as long as it is told; inputs 0, 1, 2 are beam A, beam B and the door contact.

    What the client sends is passed on to the device on a pty of its own, and back; faults happen in between.

    Args:
        folder: where the address and the file with the key appear.
        name: of the address.
        key: of the secure channel in hexadecimal digits; empty: the device has none.
        seed: of whatever is random.
    """

    driver: ClassVar[str] = "barrier/osdp"

    def __init__(self, folder: Path, name: str = "barrier", *, key: str = _KEY, seed: int = 0) -> None:
        self.turnstile = Turnstile()
        self._key_file = folder / f"{name}.scbk"
        folder.mkdir(parents=True, exist_ok=True)
        self._key_file.write_text(_KEY, encoding="ascii")
        self._key_file.chmod(0o600)
        self._key = key
        self._inner_master = self._inner_slave = -1
        self._device: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._off = threading.Event()
        super().__init__(folder, name, seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        wired = {"address": _ADDRESS, "beam_a": 0, "beam_b": 1, "door": 2}
        return {**super().options, **wired, "key_file": str(self._key_file)}

    def powered_up(self) -> None:
        """Start the device: its outputs are off and it knows of no secure channel."""
        self._power_off()
        self.turnstile.switch(on=False)
        self._inner_master, self._inner_slave = pty.openpty()
        tty.setraw(self._inner_slave)
        self._off = threading.Event()
        self._device = device = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "drivers.simulate.osdp_peripheral", os.ttyname(self._inner_slave)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if device.stdin is None or device.stdout is None:
            raise RuntimeError("the device has no pipes")
        device.stdin.write(json.dumps({"address": _ADDRESS, "key": self._key}).encode() + b"\n")
        device.stdin.flush()
        if device.stdout.readline() != b"ready\n":
            raise RuntimeError("the simulated OSDP device did not start")
        self._threads = [
            threading.Thread(target=run, args=(device, self._off), name=f"simulated OSDP {what}", daemon=True)
            for run, what in ((self._obey, "outputs"), (self._report, "inputs"), (self._answer, "line"))
        ]
        for thread in self._threads:
            thread.start()

    def unplug(self) -> None:
        """Pull the plug; the device loses its power too."""
        super().unplug()
        self._power_off()

    def heard(self, received: bytes) -> None:
        """Pass it on to the device."""
        os.write(self._inner_master, received)

    def _power_off(self) -> None:
        device, self._device = self._device, None
        if device is None or device.stdin is None or device.stdout is None:
            return
        self._off.set()
        device.kill()
        device.wait()
        os.close(self._inner_slave)
        for thread in self._threads:
            thread.join()
        os.close(self._inner_master)
        with contextlib.suppress(BrokenPipeError):
            device.stdin.close()
        device.stdout.close()

    def _obey(self, device: "subprocess.Popen[bytes]", _off: threading.Event) -> None:
        for line in device.stdout or ():
            what, *tenths = line.split()
            if what == b"release":
                self.turnstile.flash(int(tenths[0]) / 10)
            else:
                self.turnstile.switch(on=False)

    def _report(self, device: "subprocess.Popen[bytes]", off: threading.Event) -> None:
        said = 0
        while not off.wait(_WATCH_S):
            now = self.turnstile.inputs()
            if now != said and device.stdin is not None:
                said = now
                with contextlib.suppress(BrokenPipeError):
                    device.stdin.write(b"%d\n" % now)
                    device.stdin.flush()

    def _answer(self, _device: "subprocess.Popen[bytes]", _off: threading.Event) -> None:
        with contextlib.suppress(OSError):  # the device lost its power
            while True:
                self.say(os.read(self._inner_master, 4096))
