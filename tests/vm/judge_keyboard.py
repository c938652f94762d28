"""The kernel's own console (VT, its built-in US keymap), and our keyboard wedge, on the same keys (uinput)."""

import os
import select
import threading
import time
import tty
from pathlib import Path
from typing import Final

from evdev import InputDevice, UInput, ecodes
from kernel_side import PATIENCE_S, Disagreement, Judge, load, wait_for

from drivers.code_scanner.keyboard_wedge import KeyboardWedge, KeyboardWedgeOptions
from drivers.errors import LinkError, NotPresent
from drivers.kinds import Scan

PLAIN: Final = (*range(2, 14), *range(16, 28), *range(30, 42), *range(43, 54), 57)
"""The keys of a US keyboard that type a character, row by row, by their number (linux/input-event-codes.h)."""
SHIFT, CTRL, CAPS, ENTER, TAB, BRACKET = 42, 29, 58, 28, 15, 27
PHYS: Final = "usb-0000:00:09.9-1/input0"

Stroke = tuple[tuple[int, int], ...]


def stroke(key: int, *held: int) -> Stroke:
    """Press and let go of a key, others held: codes and values."""
    down = tuple((other, 1) for other in held)
    return (*down, (key, 1), (key, 0), *((other, 0) for other, _ in reversed(down)))


TEXTS: Final[dict[str, tuple[Stroke, ...]]] = {
    "plain": tuple(stroke(key) for key in PLAIN),
    "with shift": tuple(stroke(key, SHIFT) for key in PLAIN),
    "with caps lock": (
        stroke(CAPS),
        *(stroke(key) for key in PLAIN),
        *(stroke(key, SHIFT) for key in PLAIN),
        stroke(CAPS),
    ),
    "tab and the group separator": (stroke(30), stroke(TAB), stroke(48), stroke(BRACKET, CTRL), stroke(46)),
}


class Console:
    """The kernel's console, which gets every key that nobody has taken exclusively."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/tty1", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)

    def typed(self, size: int) -> bytes:
        """Wait for so many bytes."""
        text = b""
        deadline = time.monotonic() + PATIENCE_S
        while len(text) < size and select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            text += os.read(self._fd, 4096)
        return text

    def rest(self) -> bytes:
        """What has arrived by now, and a little later."""
        return os.read(self._fd, 4096) if select.select([self._fd], [], [], 0.5)[0] else b""


def keyboard(phys: str = PHYS) -> UInput:
    """Plug a keyboard in."""
    keys = [*range(1, 84), 87, 88]
    made = UInput({ecodes.EV_KEY: keys}, name="invented scanner", vendor=0x1209, product=2, phys=phys)
    wait_for(lambda: Path(node_of(made)).exists() or None, "the node appearing")
    return made


def node_of(device: UInput) -> str:
    """Where a keyboard of ours is."""
    return os.fsdecode(device.device.path)


def type_on(device: UInput, strokes: tuple[Stroke, ...]) -> None:
    """Type, at the speed of a scanner."""
    for one in strokes:
        for code, value in one:
            device.write(ecodes.EV_KEY, code, value)
            device.syn()
        time.sleep(0.004)  # a node keeps 64 events for a slow reader


def pulled_while_typing(device: UInput, strokes: tuple[Stroke, ...]) -> None:
    """The beginning of a code, and then nothing more, ever."""
    type_on(device, strokes)
    device.close()


def scanned(wedge: KeyboardWedge, device: UInput, strokes: tuple[Stroke, ...]) -> bytes:
    """What our driver makes of what is typed while it scans."""
    typist = threading.Timer(0.5, type_on, (device, strokes))
    typist.start()
    scan: Scan | None = wedge.scan(PATIENCE_S)
    typist.join()
    return scan.payload if scan is not None else b""


def keyboard_wedge(kernel: Path, judge: Judge) -> None:
    """Compare what is typed, who gets it, and what happens when the scanner is pulled out in the middle of a code."""
    for module in ("evdev", "uinput"):
        load(kernel, module)
    console = Console()
    device, media_keys = keyboard(), keyboard(PHYS.replace("input0", "input1"))
    bystander = InputDevice(device.device.path)
    console.rest()
    expected: dict[str, bytes] = {}
    for name, strokes in TEXTS.items():
        type_on(device, (*strokes, stroke(ENTER)))
        text = console.typed(len(strokes) - (2 if name == "with caps lock" else 0) + 1)
        expected[name] = text.removesuffix(b"\r")
    heard = sum(1 for _ in iter(bystander.read_one, None))
    if not heard:
        raise Disagreement("an ordinary reader of the node got nothing before the grab")

    wedge = KeyboardWedge(KeyboardWedgeOptions(port=node_of(device), gap=2))
    second = KeyboardWedge(KeyboardWedgeOptions(port=node_of(device)))
    judge.same("name", "invented scanner", wedge.open().model)
    for name, text in expected.items():
        judge.same(name, text, scanned(wedge, device, (*TEXTS[name], stroke(ENTER))))
    code = tuple(stroke(key) for key in (2, 3, 4, 30))
    judge.same("typed on its other node", b"123a", scanned(wedge, media_keys, (*code, stroke(ENTER))))
    judge.same("what the console got of that", b"", console.rest())
    judge.same("what another reader got of that", None, bystander.read_one())
    judge.fails("a second one that wants it", second.open, NotPresent)
    wedge.close()
    type_on(device, code)
    judge.same("after it was let go, the console", b"123a", console.typed(4))

    wedge.open()
    unplug = threading.Timer(0.5, pulled_while_typing, (device, code))
    unplug.start()
    judge.fails("pulled out in the middle of a code", lambda: wedge.scan(PATIENCE_S), LinkError)
    unplug.join()
    judge.fails("probed after that", wedge.probe, LinkError)
    wedge.close()
    judge.fails("opened while it is out", wedge.open, NotPresent)
    media_keys.close()
    device = keyboard()
    wedge = KeyboardWedge(KeyboardWedgeOptions(port=node_of(device)))
    wedge.open()
    judge.same("plugged in again", b"123a", scanned(wedge, device, (*code, stroke(ENTER))))
    wedge.close()
    device.close()
