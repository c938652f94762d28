"""The least that could do: a bare ASGI application with a group commit, to compare the hub with.

`python -m benchmarks.hub_bare CERTIFICATE KEY CA DATABASE [IDENTITY]`. It takes the same calls over the same TLS from
the same server, decodes them into the same structs, and stores each event of a terminal in one table, once, durably. It
looks up nobody's certificate, and nothing follows from an event. It opens what is sealed only where it is given the
key: that is work which somebody has to do, whatever is around it.
"""

import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
import psycopg
import pysqlite3.dbapi2 as sqlite
import uvicorn
from anyio.to_thread import run_sync

from hub.api.connection import PeerProtocol
from hub.api.peer import tls_context
from hub.submissions.opening import opened
from kiosk.wire.events import Answer, Envelope, Fate, Passage, Person

_TABLE = (
    "CREATE TABLE bare_event (position {}, terminal VARCHAR(64) NOT NULL, id VARCHAR(36) NOT NULL,"
    " seq INTEGER NOT NULL,"
    " kind VARCHAR(32) NOT NULL, made VARCHAR(40) NOT NULL, body TEXT NOT NULL, UNIQUE (terminal, id))"
)
_INSERT = (
    "INSERT INTO bare_event (terminal, id, seq, kind, made, body) VALUES ({0}, {0}, {0}, {0}, {0}, {0})"
    " ON CONFLICT DO NOTHING"
)
Row = tuple[str, str, int, str, str, str]


class _Sqlite:
    def __init__(self, url: str) -> None:
        self._connection = sqlite.connect(url, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(_TABLE.format("INTEGER PRIMARY KEY AUTOINCREMENT"))

    def write(self, rows: list[Row]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_INSERT.format("?"), rows)
        self._connection.execute("COMMIT")


class _Postgres:
    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""))
        self._connection.execute("DROP TABLE IF EXISTS bare_event")
        self._connection.execute(_TABLE.format("SERIAL PRIMARY KEY").encode())
        self._connection.commit()

    def write(self, rows: list[Row]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_INSERT.format("%s").encode(), rows)
        self._connection.commit()


class Bare:
    """The application.

    Args:
        store: Where to.
        identity: Opens what is sealed in passages with it; empty: nothing is opened.
    """

    def __init__(self, store: _Sqlite | _Postgres, identity: str = "") -> None:
        self._store = store
        self._identity = identity
        self._send, self._receive = anyio.create_memory_object_stream[tuple[list[Row], anyio.Event]](4096)
        self._decoder = msgspec.json.Decoder(list[Envelope])

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One request."""
        terminal = scope["extensions"]["tls"]["sha256"][:12]  # the same event of two terminals is two
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        rows, answers = [], []
        for envelope in self._decoder.decode(body):
            event = envelope.event
            if self._identity and isinstance(event, Passage):
                msgspec.json.decode(opened(event.person_sealed, self._identity), type=Person)
            kind = event.__struct_config__.tag
            encoded = msgspec.json.encode(envelope).decode()
            rows.append((terminal, str(event.id), envelope.seq, str(kind), envelope.made.isoformat(), encoded))
            answers.append(Answer(seq=envelope.seq, fate=Fate.STORED))
        done = anyio.Event()
        await self._send.send((rows, done))
        await done.wait()
        answer = msgspec.json.encode(answers)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def write(self) -> None:
        """Write for ever."""
        async for first, done in self._receive:
            rows, waiting = list(first), [done]
            while len(waiting) < 256:
                try:
                    more, also = self._receive.receive_nowait()
                except anyio.WouldBlock:
                    break
                rows += more
                waiting.append(also)
            await run_sync(self._store.write, rows)
            for each in waiting:
                each.set()


async def serve(certificate: str, key: str, ca: str, database: str, identity: str = "") -> None:
    """Serve until killed; prints the port."""
    store = _Postgres(database) if database.startswith("postgresql") else _Sqlite(database)
    app = Bare(store, identity)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        http=PeerProtocol,
    )
    config.ssl_context_factory = lambda _config, _default: tls_context(Path(certificate), Path(key), Path(ca))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    print(listener.getsockname()[1], flush=True)
    async with anyio.create_task_group() as group:
        group.start_soon(app.write)
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    anyio.run(partial(serve, *sys.argv[1:6]), backend_options={"use_uvloop": True})
