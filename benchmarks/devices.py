"""How fast and how steady the devices are, measured with the drivers that ship, over real wires.

* `codecs`: frames a second of the pure functions that read each wire format, on published or simulated bytes.
* `call`: one exchange of the GY-614 driver over a pty, against bare pyserial doing the same exchange, in turn, with a
  far end that answers at once; `ratio` is the median of the pairs' ratios.
* `supervisor`: from pulling a plug to the supervisor's saying so, and from putting it back to being in service, by
  itself and with the hint that hot-plug gives.
* `soak`: every simulated driver polled through its supervisor, and what became of memory and file descriptors.
"""

import gc
import json
import logging
import os
import pty
import random
import select
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import anyio
import anyio.to_thread
import numpy as np
import serial

from drivers.access_terminal import dahua_cgi, iclock, isapi
from drivers.barrier import lcus
from drivers.camera.picture_health import look
from drivers.code_scanner import gm65
from drivers.contract import Driver, Kind
from drivers.errors import DriverError
from drivers.id_reader import sam_v
from drivers.kinds import Light, Thermometer
from drivers.printer import escpos_status
from drivers.registry import driver_class
from drivers.simulate.__main__ import WHERE, start
from drivers.simulate.contract import Simulator
from drivers.simulate.gy_614 import Gy614Simulator
from drivers.thermometer import cjmcu_90614, gy_614
from drivers.transport import http_wire, modbus_rtu
from kiosk.arenas import few_arenas
from kiosk.demo.accounts import spread
from kiosk.devices.supervisor import Device
from kiosk.log import set_up

READING = bytes.fromhex("5A5A4504") + bytes.fromhex("0E2408980B")[:4]
_READING = READING + bytes([sum(READING) & 0xFF])
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure(exchanges: int, rounds: int, soak_s: float) -> dict[str, object]:
    """Take all four measurements.

    Args:
        exchanges: over the pty, with each of the two.
        rounds: of pulling and putting back the plug.
        soak_s: how long everything is polled, in seconds.
    """
    set_up(level=logging.ERROR, stream=sys.stderr)
    few_arenas()  # as a terminal does
    figures: dict[str, object] = {"codecs": await anyio.to_thread.run_sync(codecs)}
    figures["call"] = await anyio.to_thread.run_sync(call_against_pyserial, exchanges)
    figures["supervisor"] = await unplug_and_return(rounds)
    figures["soak"] = await soak(soak_s)
    return figures


# Codecs ----------------------------------------------------------------------------------------------------------


def _samples() -> dict[str, Callable[[], object]]:
    """A codec and a frame of each family."""
    card = bytes.fromhex("AAAAAA9669000800009F0000000097")
    event = {
        "major": 5, "minor": 75, "time": "2024-07-03T05:30:16+08:00", "employeeNoString": "4366", "serialNo": 85793,
        "mask": "unknown", "thermometryUnit": "celsius", "currTemperature": 36.6,
    }  # fmt: skip
    page = json.dumps({"AcsEvent": {"responseStatusStrg": "OK", "numOfMatches": 1, "InfoList": [event]}}).encode()
    dahua = b'Code=AccessControl;action=Pulse;index=0;data={"UserID":"1001","UTC":1790715000,"Method":15,"Status":1}'
    punch = b"time=2026-09-09 12:09:10\tpin=445966\tcardno=0\teventaddr=1\tevent=0\tindex=40\ttemperature=36.6\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK"
    part = b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: 20000\r\n\r\n" + bytes(20000) + b"\r\n"
    question = modbus_rtu.read_discrete_inputs(1, 0, 3)
    reply = modbus_rtu.frame(1, 2, b"\x01\x05")
    picture = np.random.default_rng(1).integers(0, 255, (720, 1280, 3), np.uint8)
    return {
        "sam_v": partial(sam_v.find_reply, card),
        "gy_614": partial(gy_614.find_reading, _READING),
        "cjmcu_90614": partial(cjmcu_90614.find_reading, _cjmcu()),
        "gm65": partial(gm65.find_answer, bytes.fromhex("02000001873331")),
        "modbus_rtu": partial(modbus_rtu.find_reply, reply, question),
        "lcus": partial(lcus.find_state, bytes.fromhex("A00101A2"), 1),
        "escpos_status": partial(escpos_status.split, b"\x12\x12\x12\x12"),
        "http_response": partial(http_wire.find_response, answer),
        "multipart_20kB": partial(http_wire.split_parts, part, b"--next"),
        "isapi_page": partial(isapi.page, page, "1"),
        "dahua_event": partial(dahua_cgi.report, dahua, "1"),
        "iclock_rtlog": partial(iclock.reports, "rtlog", punch, "1", "C"),
        "picture_health_720p": partial(look, picture),
    }


def _cjmcu() -> bytes:
    data = bytes.fromhex("0E240898")
    return bytes.fromhex("66660104") + data + bytes([sum(data) & 0xFF])


def codecs(seconds: float = 0.15) -> dict[str, object]:
    """Frames a second of each codec, for so long each."""
    return {name: _rate(work, seconds) for name, work in _samples().items()}


def _rate(work: Callable[[], object], seconds: float) -> int | str:
    try:
        work()
    except DriverError as error:  # a sample that its codec no longer takes is a fault of this file
        return f"refused: {error.code}"
    count, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        for _ in range(20):
            work()
        count += 20
    return round(count / took)


# A call over a pty ------------------------------------------------------------------------------------------------


@contextmanager
def _quick_far_end() -> Iterator[str]:
    """A pty whose far end answers every GY-614 query at once. Yields its address."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    wake = os.eventfd(0)

    def answer() -> None:
        heard = b""
        while True:
            ready = select.select([master, wake], [], [])[0]
            if wake in ready:
                return
            heard += os.read(master, 4096)
            while gy_614.QUERY in heard:
                heard = heard.partition(gy_614.QUERY)[2]
                os.write(master, _READING)

    thread = threading.Thread(target=answer, name="far end", daemon=True)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.eventfd_write(wake, 1)
        thread.join()
        for fd in (master, slave, wake):
            os.close(fd)


def call_against_pyserial(exchanges: int) -> dict[str, object]:
    """One exchange of the driver, and the same by hand."""
    ours: list[float] = []
    bare: list[float] = []
    turns: list[tuple[Callable[[], object], list[float]]]
    with _quick_far_end() as one, _quick_far_end() as other:
        driver = gy_614.Gy614(gy_614.Gy614Options(port=one))
        driver.open()
        port = serial.Serial(other, 9600, timeout=1.0, exclusive=True)
        try:
            for number in range(exchanges + 20):
                turns = [(driver.measure, ours), (partial(_by_hand, port), bare)]
                for work, into in turns if number % 2 else reversed(turns):  # the second finds everything warm
                    took = _timed(work)
                    if number >= 20:  # the first ones warm up
                        into.append(took * 1e6)
        finally:
            driver.close()
            port.close()
    ratio = median(a / b for a, b in zip(ours, bare, strict=True))
    return {"n": exchanges, "driver_us": spread(ours), "pyserial_us": spread(bare), "ratio": round(ratio, 3)}


def _by_hand(port: serial.Serial) -> tuple[float, float]:
    port.reset_input_buffer()
    port.write(gy_614.QUERY)
    frame = port.read(gy_614.FRAME_SIZE)
    if frame[:4] != gy_614.HEADER or sum(frame[:-1]) & 0xFF != frame[-1]:
        raise ValueError("no frame")
    return int.from_bytes(frame[4:6], "big", signed=True) / 100, int.from_bytes(frame[6:8], "big", signed=True) / 100


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Unplug and return ------------------------------------------------------------------------------------------------


async def unplug_and_return(rounds: int) -> dict[str, object]:
    """How long the supervisor takes to notice that a polled device has gone, and to have it back."""
    noticed: list[float] = []
    back: dict[bool, list[float]] = {False: [], True: []}
    rng = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="kiosk-benchmark-") as folder:
        simulator = Gy614Simulator(Path(folder))
        options = gy_614.Gy614Options.model_validate(simulator.options)
        device: Device[Thermometer] = Device("thermometer", partial(gy_614.Gy614, options))
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(device.run)
                group.start_soon(_poll, device, partial(_poll_of, Kind.THERMOMETER), 0.05)
                for number in range(rounds):
                    await device.until_ready()
                    await anyio.sleep(rng.uniform(0.05, 0.3))
                    began = anyio.current_time()
                    await anyio.to_thread.run_sync(simulator.unplug)
                    await device.until_away()
                    noticed.append((anyio.current_time() - began) * 1000)
                    await anyio.sleep(rng.uniform(0.1, 2.5))
                    await anyio.to_thread.run_sync(simulator.replug)
                    began = anyio.current_time()
                    hinted = bool(number % 2)
                    if hinted:
                        device.hint()
                    await device.until_ready()
                    back[hinted].append((anyio.current_time() - began) * 1000)
                group.cancel_scope.cancel()
        finally:
            simulator.close()
    return {
        "rounds": rounds,
        "noticed_ms": spread(noticed),
        "back_ms": spread(back[False]),
        "back_with_hint_ms": spread(back[True]),
    }


# Soak ------------------------------------------------------------------------------------------------------------


POLLS: dict[Kind, tuple[str, tuple[object, ...]]] = {
    Kind.ID_READER: ("read", ()),
    Kind.CAMERA: ("read", ()),
    Kind.THERMOMETER: ("measure", ()),
    Kind.CODE_SCANNER: ("scan", (0.1,)),
    Kind.BARRIER: ("state", ()),
    Kind.PRINTER: ("status", ()),
    Kind.PAGE_PRINTER: ("status", ()),
    Kind.LAMP: ("show", (Light.HERE,)),
    Kind.SPEAKER: ("hush", ()),
    Kind.PRESENCE: ("sense", ()),
    Kind.ACCESS_TERMINAL: ("next_report", (1.0,)),
}
"""A call of each kind that can be made all day long: nothing moves, nothing is printed."""


def _poll_of(kind: Kind, driver: object) -> object:
    method, arguments = POLLS[kind]
    return getattr(driver, method)(*arguments)


async def _poll(device: "Device[Thermometer]", work: Callable[[object], object], every: float) -> None:
    while True:
        await device.until_ready()
        try:
            await device.call(work, 5.0)
        except DriverError:
            await anyio.sleep(0.02)
        await anyio.sleep(every)


def _state() -> dict[str, float]:
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {
        "memory_mb": round(resident * _PAGE_MB, 2),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": threading.active_count(),
    }


async def soak(seconds: float) -> dict[str, object]:
    """Poll every driver that has a simulator, and watch what grows.

    The first quarter warms up. What is compared after it are medians of the second quarter and of the last, because the
    pictures of cameras come and go.
    """
    samples: list[dict[str, float]] = []
    devices: dict[str, Device[Thermometer]] = {}
    left_out: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-benchmark-")))
        for number, key in enumerate(WHERE):
            try:
                simulator: Simulator = await anyio.to_thread.run_sync(start, key, folder / str(number))
            except Exception as error:  # noqa: BLE001  what cannot be simulated here is named, and the rest measured
                left_out[key] = f"{type(error).__name__}: {error}"
                continue
            stack.callback(simulator.close)
            found = driver_class(key)
            given = found.options.model_validate(dict(simulator.options))
            make: Callable[[], Driver] = partial(found, given)
            devices[key] = Device(key, make)
        async with anyio.create_task_group() as group:
            for key, device in devices.items():
                group.start_soon(device.run)
                group.start_soon(_poll, device, partial(_poll_of, driver_class(key).kind), 0.1)
            began = anyio.current_time()
            while anyio.current_time() - began < seconds:
                await anyio.sleep(max(0.2, seconds / 120))
                samples.append(_state())
            reports = {key: device.report() for key, device in devices.items()}
            group.cancel_scope.cancel()
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    middle = {name: (median(s[name] for s in early), median(s[name] for s in late)) for name in samples[0]}
    return {
        "seconds": seconds,
        "drivers": len(devices),
        "left_out": left_out,
        "calls": {key: {"good": one.good, "errors": one.errors, "state": one.state} for key, one in reports.items()},
        **{name: {"early": a, "late": b, "growth": round(b - a, 2)} for name, (a, b) in middle.items()},
    }
