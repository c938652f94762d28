"""Sends to a hub as fast as it answers, over TLS with the terminals' certificates, on plain sockets of uvloop."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from kiosk.wire import VERSION, routes
from kiosk.wire.events import Answer, Fate

_HEAD = (
    "{} {} HTTP/1.1\r\nhost: localhost\r\n" + f"{routes.WIRE_HEADER}: {VERSION}\r\n" + "content-length: {}\r\n{}\r\n"
)


def request(method: str, path: str, body: bytes = b"", extra: str = "") -> bytes:
    """A request as it travels."""
    return _HEAD.format(method, path, len(body), extra).encode() + body


class Line:
    """One kept-alive connection.

    Args:
        port: Of the terminal port on loopback.
        context: With the terminal's certificate.
    """

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._port = port
        self._context = context
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._context, server_hostname="localhost"
        )

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def ask(self, message: bytes) -> tuple[int, bytes]:
        """Send a request; status and body of the answer."""
        if self._writer is None:
            await self.open()
        assert self._reader is not None
        assert self._writer is not None
        self._writer.write(message)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length = int(head[9:12]), 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return status, await self._reader.readexactly(length) if length else b""


@dataclass
class Taken:
    """What a run did."""

    events: int = 0
    not_stored: int = 0
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self) -> dict[str, object]:
        """For the report."""
        sorted_ms = sorted(self.milliseconds) or [0.0]
        return {
            "events_per_second": round(self.events / self.seconds),
            "requests_per_second": round(len(self.milliseconds) / self.seconds),
            "p50_ms": round(sorted_ms[len(sorted_ms) // 2], 2),
            "p99_ms": round(sorted_ms[min(len(sorted_ms) - 1, int(len(sorted_ms) * 0.99))], 2),
            "not_stored": self.not_stored,
        }


def terminal_context(folder: Path) -> ssl.SSLContext:
    """TLS with the identity in a folder."""
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


async def send_all(
    port: int, contexts: Sequence[ssl.SSLContext], bodies: Sequence[Sequence[bytes]], seconds: float
) -> Taken:
    """Send each connection's bodies one after the other, all connections at once, until all is sent or time is up.

    Args:
        port: Where to.
        contexts: One a connection.
        bodies: Batches of each connection.
        seconds: At most so long.
    """
    taken = Taken()
    lines = [Line(port, context) for context in contexts]
    for line in lines:
        await line.open()
    decoder = msgspec.json.Decoder(list[Answer])
    began = time.perf_counter()

    async def run(line: Line, messages: Sequence[bytes]) -> None:
        for body in messages:
            sent = time.perf_counter()
            if sent - began > seconds:
                return
            status, answer = await line.ask(request("POST", routes.EVENTS, body))
            taken.milliseconds.append((time.perf_counter() - sent) * 1000)
            assert status == 200, answer
            fates = [each.fate for each in decoder.decode(answer)]
            taken.events += fates.count(Fate.STORED)
            taken.not_stored += len(fates) - fates.count(Fate.STORED)

    await asyncio.gather(*(run(line, messages) for line, messages in zip(lines, bodies, strict=True)))
    taken.seconds = time.perf_counter() - began
    for line in lines:
        line.close()
    return taken
