"""Aiortc alone: the camera's picture from one end to the other, without rings, process, adaptation or our buffer.

`python -m benchmarks.help_bare offer|answer SECONDS` is one end: descriptions go out and come in as lines of JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

from aiortc import RTCPeerConnection, RTCSessionDescription

from benchmarks.help_peer import Counted, Stamped
from benchmarks.lossy_wire import Fault, Wire
from kiosk.vision.children import environment

_PATIENCE_SECONDS = 20.0


async def alone(seconds: float) -> dict[str, object]:
    """In this process, over loopback."""
    one, other, counted = RTCPeerConnection(), RTCPeerConnection(), Counted()
    other.on("track", lambda track: asyncio.ensure_future(counted.take(track)))
    one.addTrack(Stamped())
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(one.localDescription)
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(other.localDescription)
    await asyncio.sleep(2)
    cpu = time.process_time()
    found = await _seen(counted, seconds)
    found["cpu_of_a_core_both_ends"] = round((time.process_time() - cpu) / seconds, 2)
    await one.close()
    await other.close()
    return found


async def _seen(counted: Counted, seconds: float) -> dict[str, object]:
    counted.forget()
    began = time.monotonic()
    await asyncio.sleep(seconds)
    ages = sorted(counted.ages)
    return {
        "camera_fps": round(counted.frames / (time.monotonic() - began), 1),
        "glass_to_glass_ms_p50": round(ages[len(ages) // 2]) if ages else None,
        "glass_to_glass_ms_p95": round(ages[int(len(ages) * 0.95)]) if ages else None,
    }


def over(wire: Wire, fault: Fault, seconds: float) -> dict[str, object]:
    """Over a wire that is as bad as this.

    Raises:
        EOFError: one end has ended before its time.
    """
    wire.be(Fault())
    ends = [_end([*before, *_command(part, seconds)]) for before, part in ((wire.near, "offer"), (wire.far, "answer"))]
    offers, answers = ends
    try:
        wire.be(fault)
        _say(answers, _said(offers))
        _say(offers, _said(answers))
        return _said(answers)
    finally:
        for each in ends:
            each.kill()
            each.wait()
            for pipe in (each.stdin, each.stdout):
                if pipe is not None:
                    pipe.close()


def _command(part: str, seconds: float) -> list[str]:
    return [sys.executable, "-m", "benchmarks.help_bare", part, str(seconds)]


def _end(command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    )


def _say(end: "subprocess.Popen[str]", what: dict[str, Any]) -> None:
    assert end.stdin is not None
    end.stdin.write(json.dumps(what) + "\n")
    end.stdin.flush()


def _said(end: "subprocess.Popen[str]") -> dict[str, Any]:
    assert end.stdout is not None
    line = end.stdout.readline()
    if not line:
        raise EOFError("an end of the bare call has ended")
    found: dict[str, Any] = json.loads(line)
    return found


async def _offer(seconds: float) -> None:
    connection = RTCPeerConnection()
    connection.addTrack(Stamped())
    await connection.setLocalDescription(await connection.createOffer())
    _tell({"sdp": connection.localDescription.sdp})
    answer = json.loads(await asyncio.to_thread(sys.stdin.readline))["sdp"]
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.sleep(2 * seconds + 2 * _PATIENCE_SECONDS)  # it is ended from outside


async def _answer(seconds: float) -> None:
    connection, counted = RTCPeerConnection(), Counted()
    connection.on("track", lambda track: asyncio.ensure_future(counted.take(track)))
    offer = json.loads(await asyncio.to_thread(sys.stdin.readline))["sdp"]
    await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    _tell({"sdp": connection.localDescription.sdp})
    for _ in range(int(_PATIENCE_SECONDS / 0.05)):
        if counted.frames:
            break
        await asyncio.sleep(0.05)
    _tell(await _seen(counted, seconds))


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run((_offer if sys.argv[1] == "offer" else _answer)(float(sys.argv[2])))
