"""What a hall is called: people see its name, programs its key."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from hub.audit.chain import Who, append
from hub.store import schema

NAME_MOST: Final = 30
"""Characters: it stands over the hall's display in large type."""


class NameRefused(Exception):
    """A hall cannot be called so.

    Attributes:
        kind: `too_long` or `no_such`.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def hall_names(connection: Connection) -> dict[str, str]:
    """The names of the halls that have one, by key."""
    table = schema.hall
    return {row.hall: row.name for row in connection.execute(select(table.c.hall, table.c.name)) if row.name}


def name_hall(connection: Connection, hall: str, name: str, who: Who, now: datetime) -> None:
    """Call a hall so from now on.

    Args:
        connection: Inside a writing transaction.
        hall: Which.
        name: At most `NAME_MOST` characters; empty: it is shown by its key again.
        who: Who says so.
        now: The time.

    Raises:
        NameRefused: It cannot be.
    """
    name = " ".join(name.split())
    if len(name) > NAME_MOST:
        raise NameRefused("too_long")
    table = schema.hall
    if connection.execute(update(table).where(table.c.hall == hall).values(name=name)).rowcount != 1:
        raise NameRefused("no_such")
    append(connection, who, "hall_named", hall, now, detail={"name": name})
