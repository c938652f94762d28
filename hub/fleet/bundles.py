"""Support bundles that terminals sent on an order: files beside the database, kept for a month.

What is in one was made without people by the technician's tool at the terminal; here it is kept as it came and never
opened.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from hub.files import sync_folder, write_durably
from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.wire.orders import OrderFate, OrderKind

KEPT: Final = timedelta(days=30)
_NAME: Final = re.compile(r"([1-9][0-9]{0,9})\.tar\.gz")
_GZIP: Final = b"\x1f\x8b"


def is_bundle(content: bytes) -> bool:
    """Whether it may be one: gzip."""
    return content.startswith(_GZIP)


def is_asked(connection: Connection, key: TerminalKey, number: int) -> bool:
    """Whether a terminal has such an order, and may still answer it."""
    table = schema.fleet_order
    mine = (table.c.number == number, table.c.hall == key.hall, table.c.terminal == key.terminal)
    row = connection.execute(select(table.c.kind, table.c.fate).where(*mine)).one_or_none()
    answered = {OrderFate.FAILED.value, OrderFate.REFUSED.value, OrderFate.WITHDRAWN.value}
    return row is not None and row.kind == OrderKind.BUNDLE.value and row.fate not in answered


def file_of(folder: Path, key: TerminalKey, number: int) -> Path:
    """Where the bundle of an order lies."""
    return folder / key.hall / key.terminal / f"{number}.tar.gz"


def write_bundle(folder: Path, key: TerminalKey, number: int, content: bytes) -> None:
    """Keep one, durably; the same again takes its place."""
    file = file_of(folder, key, number)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(file.parent.parent)
    sync_folder(folder)
    write_durably(file, content)


def kept(folder: Path, key: TerminalKey) -> Mapping[int, int]:
    """A terminal's bundles: number of the order, bytes."""
    here = folder / key.hall / key.terminal
    if not here.is_dir():
        return {}
    named = ((_NAME.fullmatch(file.name), file) for file in here.iterdir())
    return {int(match[1]): file.stat().st_size for match, file in named if match is not None}


def forget_old(folder: Path, now: datetime) -> int:
    """Delete what is older than a month; how many."""
    gone = 0
    for file in folder.glob("*/*/*.tar.gz"):
        if now.timestamp() - file.stat().st_mtime > KEPT.total_seconds():
            file.unlink(missing_ok=True)
            gone += 1
    return gone
