"""What the office needs to know of an item, from the hall's published catalogue, and which hall is at home with it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from hub.rules.publish import CATALOGUE, newest
from hub.store import schema
from kiosk.wire.catalogue import Catalogue, Handling, Item

STATUTORY_DAYS: Final = 20
"""行政许可法 art. 42, where an item says nothing."""
CORRECTION_DAYS: Final = 15


class NoSuchHall(Exception):
    """A hall that the hub does not know."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one item.

    Attributes:
        item: As it is published; None for one that no longer is.
        working_days: To decide in, after acceptance; 0 is at once.
        correction_days: Working days to mend what is asked for.
        handling: Who accepts and who decides.
    """

    item: Item | None
    working_days: int
    correction_days: int
    handling: Handling


@lru_cache(maxsize=32)
def _catalogue(body: bytes) -> Catalogue | None:
    try:
        return msgspec.json.decode(body, type=Catalogue)
    except msgspec.DecodeError:
        return None  # of an older hub; its submissions are handled by the law's own figures


def published(connection: Connection, hall: str) -> Catalogue | None:
    """The hall's catalogue; None where there is none that can be read."""
    signed = newest(connection, CATALOGUE, hall)
    return None if signed is None else _catalogue(signed.body)


def facts(connection: Connection, hall: str, key: str) -> Facts:
    """What the office needs to know of an item."""
    catalogue = published(connection, hall)
    item = None if catalogue is None else catalogue.item(key)
    if item is None:
        return Facts(None, STATUTORY_DAYS, CORRECTION_DAYS, Handling.HERE)
    return Facts(item, item.working_days, item.correction_days, item.handling)


def halls(connection: Connection) -> list[str]:
    """All halls, by name."""
    table = schema.hall
    return list(connection.scalars(select(table.c.hall).order_by(table.c.hall)))


def home_of(connection: Connection, hall: str, item: str, wanted: str = "") -> str:
    """The hall that is at home with an item handed in at `hall`.

    Args:
        connection: For reading.
        hall: Where it was handed in.
        item: The item's key.
        wanted: What the person said; counts where there is such a hall.
    """
    if wanted and wanted in halls(connection):
        return wanted
    table = schema.home_hall
    found = {
        row.item: row.home
        for row in connection.execute(select(table).where(table.c.hall == hall, table.c.item.in_([item, ""])))
    }
    return found.get(item) or found.get("") or hall


def set_home(connection: Connection, hall: str, item: str, home: str) -> None:
    """Say which hall decides on an item that is handed in at another; `home` empty takes it back.

    Args:
        connection: Inside a writing transaction.
        hall: Where it is handed in.
        item: The item's key; empty for all that are not named.
        home: The hall at home.

    Raises:
        NoSuchHall: One of them is none.
    """
    known = halls(connection)
    for each in (hall, home):
        if each and each not in known:
            raise NoSuchHall(f"there is no hall {each!r}; there are {', '.join(known) or 'none'}")
    table = schema.home_hall
    connection.execute(delete(table).where(table.c.hall == hall, table.c.item == item))
    if home:
        connection.execute(insert(table).values(hall=hall, item=item, home=home))


def places(handling: Handling, hall: str, home: str) -> tuple[str, str]:
    """The halls that accept and decide (国办发〔2020〕35号).

    Args:
        handling: The item's.
        hall: Where it was handed in.
        home: Which is at home with it.
    """
    match handling:
        case Handling.COLLECT_HERE:
            return home, home
        case Handling.ACCEPT_REMOTELY:
            return hall, home
        case Handling.DECIDE_REMOTELY:
            return hall, hall
        case Handling.HERE:
            return hall, hall
