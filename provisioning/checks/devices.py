"""The checks of each kind of device."""

import math
import secrets
import statistics
import struct
import time
from collections.abc import Callable, Mapping
from io import StringIO
from types import MappingProxyType
from typing import Final, cast

import segno

from drivers.contract import Driver, Kind
from drivers.kinds import (
    Align,
    Barrier,
    Camera,
    CodeScanner,
    Crossing,
    IdReader,
    Lamp,
    Light,
    Line,
    PagePrinter,
    Paper,
    PresenceSensor,
    PrintJob,
    QrCode,
    ReceiptPrinter,
    Rule,
    Speaker,
    Thermometer,
)
from kiosk.config import DeviceEntry
from provisioning.checks.contract import Bench, Context, Depth, Measure, Result, Who, stopwatch

READINGS: Final = 10
SPREAD_C: Final = 0.3
AMBIENT_C: Final = (16.0, 32.0)
"""Where an infra-red thermometer's readings mean something (IEC 80601-2-59 check lists)."""
CYCLE_S: Final = 0.5
LEAST_FPS: Final = 8.0
LEAST_PIXELS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({"gate": (640, 480), "desk": (1280, 960)})
"""Width and height below which faces, or the smallest print on A4, are not read any more."""
DARK, BRIGHT, FLAT = 25.0, 235.0, 3.0
"""Mean brightness of 255, and the standard deviation below which a picture shows nothing."""
PASS_S: Final = 10.0
SCAN_S: Final = 10.0
ASK_ONE: Final = "needs somebody there: check --interactive"
_FULL_ONLY: Final = "moves or uses something: check --full"


def check_device(entry: DeviceEntry, context: Context) -> list[Result]:
    """Open a device, check it, and let go of it again.

    Args:
        entry: of the site file.
        context: how far the checks may go.
    """
    bench = Bench(entry.name)
    device = entry.make()

    def opened(seen: Measure) -> None:
        identity = device.open()
        named = " ".join(part for part in (identity.maker, identity.model, identity.serial, identity.firmware) if part)
        seen.value = "; ".join((named or "answers", *identity.notes))

    try:
        if bench.run("answers", f"the device of {entry.driver.key} answers", opened, limits="the right device"):
            _KINDS[entry.driver.kind](bench, device, context)
    finally:
        device.close()
    return bench.results


def _id_reader(bench: Bench, device: Driver, context: Context) -> None:
    def cycle(seen: Measure) -> None:
        took: list[float] = []
        for _ in range(READINGS):
            with stopwatch() as seconds:
                device.probe()
            took.append(seconds())
        middle = statistics.median(took)
        seen.value = f"{middle * 1000:.0f} ms, longest {max(took) * 1000:.0f} ms"
        seen.expect(middle <= CYCLE_S, "the line is slow: look at the baud rate, and at the hub it is plugged into")

    bench.run(
        "cycle", f"status of the security module, {READINGS} times", cycle, limits=f"median ≤ {CYCLE_S * 1000:.0f} ms"
    )
    if context.person is None or context.depth is not Depth.INTERACTIVE:
        bench.skip("card", "a card is read", ASK_ONE)
        return
    context.person.show("Lay an identity card on the reader.")

    def card(seen: Measure) -> None:
        deadline = time.monotonic() + PASS_S
        read = None
        while read is None and time.monotonic() < deadline:
            read = cast("IdReader", device).read()
        # who it was is nobody's business here
        seen.value = "read, with photo" if read is not None and read.photo else "read, no photo" if read else "no card"
        seen.expect(
            read is not None, "no card was read: lay it flat, without other cards on it; then change the reader"
        )

    bench.run("card", "a card is read", card, limits="within 10 s", precondition="a valid card on the reader")


def _thermometer(bench: Bench, device: Driver, _context: Context) -> None:
    def readings(seen: Measure) -> None:
        taken = [cast("Thermometer", device).measure() for _ in range(READINGS)]
        objects = [one.object_c for one in taken]
        spread, ambient = max(objects) - min(objects), statistics.median(one.ambient_c for one in taken)
        seen.value = (
            f"{statistics.median(objects):.2f} °C, spread {spread:.2f} °C, ambient {ambient:.1f} °C"
            f"{'' if taken[-1].conditions_hold else ', conditions of use do not hold'}"
        )
        seen.expect(spread <= SPREAD_C, "readings jump: shield it from draught, sun and lamps; then look at its cable")
        low, high = AMBIENT_C
        seen.expect(
            low <= ambient <= high, f"the place is outside {low:g} to {high:g} °C: it cannot measure people here"
        )

    bench.run(
        "readings",
        f"{READINGS} readings",
        readings,
        limits=f"spread ≤ {SPREAD_C} °C; ambient {AMBIENT_C[0]:g} to {AMBIENT_C[1]:g} °C",
        precondition="something still before it; powered for half an hour",
    )


def _camera(bench: Bench, device: Driver, context: Context) -> None:
    camera = cast("Camera", device)
    width, height = LEAST_PIXELS[context.role]

    def pictures(seen: Measure) -> None:
        first = camera.read()
        began, count = time.monotonic(), 0
        marks = {first.image[::16, ::16].tobytes()}
        frame = first
        while time.monotonic() - began < 2.0:
            frame = camera.read()
            count += 1
            marks.add(frame.image[::16, ::16].tobytes())
        rate = count / (time.monotonic() - began)
        small = frame.image[::8, ::8]
        mean, spread = float(small.mean()), float(small.std())
        tall, wide = frame.image.shape[:2]
        seen.value = f"{wide}×{tall}, {rate:.1f} a second, brightness {mean:.0f} ± {spread:.0f}"
        seen.expect(
            wide >= width and tall >= height, f"choose at least {width}×{height} in the site file, or change the camera"
        )
        seen.expect(rate >= LEAST_FPS, "too slow: give it a USB socket of its own, or less than uncompressed 1080p")
        seen.expect(spread >= FLAT, "the picture shows nothing: take the cap off, clean the lens")
        seen.expect(DARK <= mean <= BRIGHT, "too dark or too bright: look at the light of the hall and the exposure")
        seen.expect(len(marks) > 1, "always the same picture: unplug the camera and plug it in again")

    bench.run(
        "pictures",
        "size, rate, light, and that they change",
        pictures,
        limits=f"≥ {width}×{height}, ≥ {LEAST_FPS:g} a second, brightness {DARK:g} to {BRIGHT:g}, not frozen",
        precondition="the light as in service",
    )


def _scanner(bench: Bench, device: Driver, context: Context) -> None:
    if context.person is None or context.depth is not Depth.INTERACTIVE:
        bench.skip("echo", "a shown code comes back", ASK_ONE)
        return
    token = f"KIOSK-CHECK-{secrets.token_hex(4).upper()}"
    out = StringIO()
    segno.make(token, error="m", micro=False).terminal(out=out, border=2, compact=True)
    context.person.show(f"{out.getvalue()}\nHold this code ({token}) before the scanner.")

    def echo(seen: Measure) -> None:
        scan = cast("CodeScanner", device).scan(SCAN_S)
        read = "" if scan is None else scan.payload.decode("utf-8", "replace").strip()
        seen.value = "nothing" if scan is None else "the same code" if read == token else "another code"
        seen.expect(scan is not None, "nothing was read: hold it 10 to 20 cm away, without glare; then its window")
        seen.expect(read == token, "another text came: look at prefix and suffix in the site file")

    bench.run("echo", "a shown code comes back", echo, limits=f"the same text within {SCAN_S:g} s")


def _barrier(bench: Bench, device: Driver, context: Context) -> None:
    barrier = cast("Barrier", device)

    def rest(seen: Measure) -> None:
        state = barrier.state()
        seen.value = (
            ", ".join(
                name
                for name, on in (
                    ("beam A broken", state.beam_a),
                    ("beam B broken", state.beam_b),
                    ("door open", state.door_open),
                )
                if on
            )
            or "beams free, door closed"
        )
        seen.expect(
            not state.beam_a and not state.beam_b,
            "a beam is broken with nobody there: clean and align it, or invert_beams",
        )
        seen.expect(not state.door_open, "the door reads as open: close it, or invert_door in the site file")

    bench.run(
        "rest", "beams and door at rest", rest, limits="beams free, door closed", precondition="nobody in the lane"
    )
    words = "one release, one person walks through"
    if not context.full:
        bench.skip("release", words, _FULL_ONLY)
        return
    if not context.barrier_consent:
        bench.skip("release", words, "the barrier will move: say --consent barrier when nobody can be hurt")
        return
    if context.person is not None:
        context.person.show("The barrier opens now: walk through, once.")

    def release(seen: Measure) -> None:
        crossing = barrier.let_one_pass(PASS_S)
        seen.value = crossing.value
        seen.expect(crossing is not Crossing.NOBODY, "released and nobody came: was the relay heard? Then its wiring")
        seen.expect(crossing is not Crossing.UNKNOWN, "no beam and no contact are wired: who passed is never known")
        seen.expect(crossing is not Crossing.HELD_OPEN, "the door did not close: its spring, its contact, invert_door")
        seen.expect(
            crossing is not Crossing.TURNED_BACK, "beam B never broke: the order of the beams (calibrate beams)"
        )
        seen.expect(crossing is Crossing.PASSED, "more than one was counted: align the beams")

    bench.run("release", words, release, limits="passed", precondition="one person walks through, nobody else near")


def test_slip() -> PrintJob:
    """The slip that a printer's check prints."""
    return PrintJob(
        "check",
        (
            Line("打印机检测", size=48, bold=True, align=Align.CENTRE),
            Rule(),
            Line("政务服务 自助终端 㐂𠮷 ABC abc 0123456789"),
            QrCode("KIOSK-CHECK"),
            Line("若本行完整且纸已切断，则打印机正常。", size=24),
        ),
    )


def _printer(bench: Bench, device: Driver, context: Context) -> None:
    printer = cast("ReceiptPrinter", device)

    def status(seen: Measure) -> None:
        found = printer.status()
        faults = (("cover open", found.cover_open), ("offline", found.offline), (found.fault, bool(found.fault)))
        seen.value = ", ".join((f"paper {found.paper.value}", *(name for name, holds in faults if holds)))
        seen.expect(found.paper is not Paper.OUT, "put a new roll in", Who.ATTENDANT)
        seen.expect(not found.cover_open, "close the cover", Who.ATTENDANT)
        seen.expect(found.ready, "it is not ready: switch it off and on, clear the cutter", Who.ATTENDANT)

    ready = bench.run("status", "paper, cover, cutter", status, limits="ready", precondition="paper in it")
    words = "a test slip"
    if not context.full:
        bench.skip("slip", words, _FULL_ONLY)
    elif not ready:
        bench.skip("slip", words, "the printer is not ready")
    else:

        def slip(seen: Measure) -> None:
            with stopwatch() as seconds:
                printer.print(test_slip())
            seen.value = f"printed and cut in {seconds():.1f} s"
            if context.person is not None and context.depth is Depth.INTERACTIVE:
                seen.expect(
                    context.person.confirm("Is the slip whole, its text sharp, and cut off?"),
                    "clean the head; if the right edge is missing, calibrate printer; then the cutter",
                )

        bench.run("slip", words, slip, limits="confirmed by the printer within 20 s")


def _page_printer(bench: Bench, device: Driver, _context: Context) -> None:
    def status(seen: Measure) -> None:
        found = cast("PagePrinter", device).status()
        seen.value = ", ".join(("ready" if found.ready else "not ready", *found.reasons))
        seen.expect(found.ready, "see what it says; paper, toner, cover", Who.ATTENDANT)

    bench.run("status", "what the queue says", status, limits="ready")


def _lamp(bench: Bench, device: Driver, context: Context) -> None:
    lamp = cast("Lamp", device)
    if not context.full:
        bench.skip("colours", "each colour is shown", _FULL_ONLY)
        return

    def colours(seen: Measure) -> None:
        shown: list[str] = []
        for light in (Light.HERE, Light.GOOD, Light.STOP, Light.STAFF, Light.OFF):
            lamp.show(light)
            shown.append(light.value)
            if context.person is not None and context.depth is Depth.INTERACTIVE and light is not Light.OFF:
                seen.expect(
                    context.person.confirm(f"Does the lamp show “{light.value}” now?"),
                    f"{light.value}: bulb, or the coils in the site file",
                )
        seen.value = ", ".join(shown)

    bench.run("colours", "each colour is shown", colours, limits="the board confirms each")


def tone(hertz: float, seconds: float, rate: int = 16_000) -> bytes:
    """A WAV, 16 bit, one channel, that begins and ends softly."""
    count = int(rate * seconds)
    fade = rate // 50
    samples = (
        int(12_000 * min(1.0, at / fade, (count - at) / fade) * math.sin(2 * math.pi * hertz * at / rate))
        for at in range(count)
    )
    body = struct.pack(f"<{count}h", *samples)
    return (
        struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
        + struct.pack("<4sI", b"data", len(body))
        + body
    )


def _speaker(bench: Bench, device: Driver, context: Context) -> None:
    if not context.full:
        bench.skip("tone", "a tone is played", _FULL_ONLY)
        return

    def play(seen: Measure) -> None:
        with stopwatch() as seconds:
            cast("Speaker", device).play(tone(660, 0.6), 0.5)
        seen.value = f"played in {seconds():.1f} s"
        if context.person is not None and context.depth is Depth.INTERACTIVE:
            seen.expect(context.person.confirm("Did you hear the tone?"), "volume (alsamixer), cable, the right card")

    bench.run("tone", "a tone is played", play, limits="the sound card took all of it")


def _presence(bench: Bench, device: Driver, _context: Context) -> None:
    def sense(seen: Measure) -> None:
        found = cast("PresenceSensor", device).sense()
        seen.value = (
            f"{'somebody' if found.here else 'nobody'}{f' at {found.distance_m:.1f} m' if found.distance_m else ''}"
        )

    bench.run("sense", "one look", sense)


def _nothing_more(_bench: Bench, _device: Driver, _context: Context) -> None:
    return


_KINDS: Mapping[Kind, Callable[[Bench, Driver, Context], None]] = MappingProxyType(
    {
        Kind.ID_READER: _id_reader,
        Kind.CAMERA: _camera,
        Kind.THERMOMETER: _thermometer,
        Kind.CODE_SCANNER: _scanner,
        Kind.BARRIER: _barrier,
        Kind.PRINTER: _printer,
        Kind.PAGE_PRINTER: _page_printer,
        Kind.LAMP: _lamp,
        Kind.SPEAKER: _speaker,
        Kind.PRESENCE: _presence,
        Kind.ACCESS_TERMINAL: _nothing_more,
    }
)
