"""A real terminal with a simulated camera, handset and card reader, and a finger for its screen."""

import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from anyio.from_thread import BlockingPortal
from numpy.typing import NDArray

from kiosk.demo.answers import Sayings
from kiosk.demo.eyes import Eyes
from kiosk.demo.people import Invented
from kiosk.demo.street import DeskStreet, card_of, site_file
from kiosk.view import desk, typing
from kiosk.view.address import PickPlace
from kiosk.view.common import Next
from kiosk.view.screen import Intent, State

ROOT = Path(__file__).resolve().parents[2]
RATE = 48_000
CHUNK = 960
TERMINAL_TONE = 440.0
STAFF_TONE = 880.0
PERSON = Invented("王小明", "110101199003070011", date(1990, 3, 7), "男", "示例市示例区示例路一号", 0)


def moving_pattern(count: int = 12) -> tuple[NDArray[np.uint8], ...]:
    """A bright bar that moves over a coloured ground."""
    pictures = []
    for place in range(count):
        picture = np.full((480, 640, 3), (60, 90, 40), np.uint8)
        left = place * 640 // count
        picture[:, left : left + 90] = (240, 240, 240)
        pictures.append(picture)
    return tuple(pictures)


def strongest(samples: NDArray[np.int16]) -> tuple[float, float]:
    """The strongest frequency in Hz, and how loud it is (0 to 1)."""
    if len(samples) < RATE // 2:
        return 0.0, 0.0
    found = np.abs(np.fft.rfft(samples[-RATE:].astype(np.float64) * np.hanning(min(len(samples), RATE))))
    found[:20] = 0.0
    return float(np.argmax(found) * RATE / min(len(samples), RATE)), float(np.abs(samples).max() / 32768)


class SimulatedHandset:
    """The other end of `socket:`: a microphone that hears a tone, and an earpiece that remembers."""

    def __init__(self, path: Path) -> None:
        self.heard: list[NDArray[np.int16]] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                line, _ = self._listener.accept()
                playing = threading.Thread(target=self._play, args=(line,), daemon=True)
                playing.start()
                with line:
                    while data := line.recv(CHUNK * 2, socket.MSG_WAITALL):
                        self.heard.append(np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16))
                        del self.heard[:-500]

    def _play(self, line: socket.socket) -> None:
        due, place = time.monotonic(), 0
        with suppress(OSError):
            while not self._over.is_set():
                at = (np.arange(CHUNK) + place) * (2 * math.pi * TERMINAL_TONE / RATE)
                line.sendall((np.sin(at) * 9000).astype("<i2").tobytes())
                place += CHUNK
                due += CHUNK / RATE
                time.sleep(max(0.0, due - time.monotonic()))

    def all_heard(self) -> NDArray[np.int16]:
        return np.concatenate(self.heard) if self.heard else np.zeros(0, np.int16)

    def close(self) -> None:
        self._over.set()
        self._listener.close()


class DeskTerminal:
    """`python -m kiosk run --role desk` on simulated devices."""

    def __init__(self, folder: Path, portal: BlockingPortal, ui: str = "offscreen") -> None:
        self.folder, self._portal, self._ui = folder, portal, ui
        folder.mkdir(parents=True, exist_ok=True)
        self.street = DeskStreet(folder / "wires")
        self.street.camera.scene = moving_pattern()
        self.handset = SimulatedHandset(folder / "sound.sock")
        self.identity = folder / "identity"
        self.eyes = Eyes(folder / "view.sock")
        self._looking: Any = None
        self._process: subprocess.Popen[bytes] | None = None
        self._said = Sayings()

    def write_site(self, name: str) -> Path:
        text = site_file("desk", name, self.street.all, {"idle_seconds": 60.0})
        site = self.folder / "site.toml"
        site.write_text(text + '\n[help]\nsound = "socket:sound.sock"\n', encoding="utf-8")
        return site

    def start(self, name: str) -> None:
        site = self.write_site(name)
        log = (self.folder / "terminal.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--site", str(site), "--role", "desk", "--ui", self._ui],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "DISPLAY": ""},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        if self._looking is None:
            self._looking = self._portal.start_task_soon(self.eyes.look)

    def log(self) -> str:
        return (self.folder / "terminal.log").read_text(encoding="utf-8", errors="replace")

    @property
    def state(self) -> State | None:
        return self.eyes.state

    def touch(self, intent: Intent) -> None:
        self._portal.call(self.eyes.touch, intent)

    def until(self, wanted: Callable[[Any], bool], within: float = 120.0) -> Any:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.eyes.screen is not None and wanted(self.eyes.screen):
                return self.eyes.screen
            time.sleep(0.05)
        raise AssertionError(f"not within {within} s; it shows {self.eyes.screen!r}\n{self.log()[-3000:]}")

    def shows(self, kind: type, within: float = 120.0) -> Any:
        return self.until(lambda screen: isinstance(screen.state, kind), within).state

    def to_a_written_question(self, within: float = 240.0) -> typing.Write | desk.Question:
        """Go on, from wherever one is, as far as a question of the form that is answered in words or digits."""
        deadline = time.monotonic() + within
        lay_at = 0.0
        while time.monotonic() < deadline:
            state = self.state
            match state:
                case desk.Start() if time.monotonic() >= lay_at:
                    self.street.reader.lay(card_of(PERSON, bytes(1024)))
                    lay_at = time.monotonic() + 20.0  # a reader that was late may not have seen it
                case typing.Write():
                    return state
                case desk.ChooseItem(items=items):
                    self.touch(desk.Choose(items[0].key))
                case desk.BeforeYouStart() | desk.ItemChanged():
                    self.touch(Next())
                case desk.Question(part=desk.Part.FORM, field=desk.Field.PHONE | desk.Field.TEXT):
                    return state
                case desk.Question() as asked:
                    self.touch(desk.Answer(asked.key, self._said.say(asked)))
                case PickPlace(question=asked):
                    self.touch(desk.Answer(asked.key, self._said.say(asked)))
                case _:
                    pass
            time.sleep(0.3)
        raise AssertionError(f"no question: {self.state!r}\n{self.log()[-3000:]}")

    def kill(self) -> None:
        """As when the power goes."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._looking is not None:
            self._looking.cancel()
        self.handset.close()
        self.street.close()
