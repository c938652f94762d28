"""What an edge has taken from terminals and not yet carried on: durable before a terminal is told so."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pysqlite3.dbapi2 as sqlite

from hub.store.engine import BUSY_MS, check_sqlite
from kiosk.wire.events import MAX_BATCH, Answer, Fate

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS item (
    position INTEGER PRIMARY KEY AUTOINCREMENT, terminal TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
    received REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0, UNIQUE (terminal, id)
);
CREATE TABLE IF NOT EXISTS dead (
    position INTEGER PRIMARY KEY, terminal TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, received REAL NOT NULL,
    why TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS item_of_terminal ON item (terminal, position);
"""
_DUE: Final = "(next_try <= ? OR next_try > ?)"
"""Its time has come; or lies further ahead than any pause is, by a clock that was wrong."""
_FIRST_PAUSE: Final = timedelta(seconds=2)
_LONGEST_PAUSE: Final = timedelta(minutes=5)


class Waiting(NamedTuple):
    """An event that waits."""

    position: int
    body: bytes
    tries: int


class Standing(NamedTuple):
    """How much waits."""

    waiting: int
    dead: int
    oldest: float | None
    """When the oldest came, seconds since 1970."""


class Spool:
    """The database of what waits. Blocking; called from threads.

    Args:
        path: Its file.
    """

    def __init__(self, path: Path) -> None:
        check_sqlite(sqlite.sqlite_version_info)
        self._lock = threading.Lock()
        self._database = sqlite.connect(str(path), isolation_level=None, check_same_thread=False)
        for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL"):
            self._database.execute(f"PRAGMA {pragma}").fetchall()
        self._database.executescript(_SCHEMA)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def add(self, terminal: str, items: Sequence[tuple[str, bytes]], now: datetime) -> list[Fate]:
        """Take events of a terminal: id and JSON of the envelope. Durable when it returns.

        Returns:
            `STORED` or, for one that waits already, `KNOWN`; in their order.
        """
        fates = []
        with self._writing():
            for event_id, body in items:
                done = self._database.execute(
                    "INSERT INTO item (terminal, id, body, received) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (terminal, event_id, body, now.timestamp()),
                )
                fates.append(Fate.STORED if done.rowcount else Fate.KNOWN)
        return fates

    def due(self, now: datetime) -> tuple[str, list[Waiting]]:
        """The next batch: of the terminal whose due event is the oldest, in their order. Empty where nothing is due."""
        moment = now.timestamp()
        with self._lock:
            first = self._database.execute(
                f"SELECT terminal FROM item WHERE {_DUE} ORDER BY position LIMIT 1",  # noqa: S608  our own words
                (moment, moment + _LONGEST_PAUSE.total_seconds()),
            ).fetchall()
            if not first:
                return "", []
            terminal = str(first[0][0])
            rows = self._database.execute(
                f"SELECT position, body, tries FROM item WHERE terminal = ? AND {_DUE} ORDER BY position LIMIT ?",  # noqa: S608  the same
                (terminal, moment, moment + _LONGEST_PAUSE.total_seconds(), MAX_BATCH),
            ).fetchall()
        return terminal, [Waiting(*row) for row in rows]

    def settle(self, sent: Sequence[Waiting], answers: Sequence[Answer], now: datetime) -> None:
        """Note what the city said of each: taken ones go, refused ones are kept apart, the others come again later."""
        with self._writing():
            for item, answer in zip(sent, answers, strict=True):
                if answer.fate is Fate.LATER:
                    self._put_off(item, now)
                    continue
                if answer.fate is Fate.REFUSED:
                    self._database.execute(
                        "INSERT INTO dead SELECT position, terminal, id, body, received, ? FROM item"
                        " WHERE position = ?",
                        (answer.detail, item.position),
                    )
                self._database.execute("DELETE FROM item WHERE position = ?", (item.position,))

    def _put_off(self, item: Waiting, now: datetime) -> None:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(item.tries, 20))
        self._database.execute(
            "UPDATE item SET tries = tries + 1, next_try = ? WHERE position = ?",
            ((now + pause).timestamp(), item.position),
        )

    def put_off(self, items: Sequence[Waiting], now: datetime) -> None:
        """Nothing could be said of these: they come again later, and those behind them go on."""
        with self._writing():
            for item in items:
                self._put_off(item, now)

    def retry(self, ids: Sequence[str] = ()) -> int:
        """Have what the city refused carried on once more, e.g. after it was put right there; how many.

        Args:
            ids: Of events; none: all of them.
        """
        with self._writing():
            rows = self._database.execute("SELECT position, id FROM dead ORDER BY position").fetchall()
            chosen = [position for position, event_id in rows if not ids or event_id in ids]
            for position in chosen:
                self._database.execute(
                    "INSERT INTO item (terminal, id, body, received) SELECT terminal, id, body, received FROM dead"
                    " WHERE position = ? ON CONFLICT DO NOTHING",
                    (position,),
                )
                self._database.execute("DELETE FROM dead WHERE position = ?", (position,))
        return len(chosen)

    def names_paper(self, sha256: str) -> bool:
        """Whether an event that waits names a paper."""
        with self._lock:
            found = self._database.execute(
                "SELECT 1 FROM item WHERE instr(body, ?) > 0 LIMIT 1", (sha256.encode(),)
            ).fetchone()
        return found is not None

    def standing(self) -> Standing:
        """How much waits, and since when."""
        with self._lock:
            waiting, oldest = self._database.execute("SELECT count(*), min(received) FROM item").fetchone()
            dead = self._database.execute("SELECT count(*) FROM dead").fetchone()[0]
        return Standing(waiting, dead, oldest)

    def dead(self) -> list[tuple[str, str, str]]:
        """What the city refused: terminal, id, why."""
        with self._lock:
            return self._database.execute("SELECT terminal, id, why FROM dead ORDER BY position").fetchall()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
