"""What each terminal was enrolled as, remembered: it is asked at every call of an edge."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, select

from hub.fleet.live import TerminalKey
from hub.store import schema

Read = Callable[[Callable[[Connection], dict[TerminalKey, str]]], Awaitable[dict[TerminalKey, str]]]


class Roles:
    """The roles of terminals by the database; a terminal's role never changes.

    Args:
        read: Reads from the database.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[TerminalKey, str] = {}

    async def of(self, key: TerminalKey) -> str | None:
        """`gate`, `desk` or `edge`; None for one that was never enrolled."""
        if key not in self._known:
            self._known = await self._read(_roles)
        return self._known.get(key)


def _roles(connection: Connection) -> dict[TerminalKey, str]:
    table = schema.terminal
    rows = connection.execute(select(table.c.hall, table.c.terminal, table.c.role))
    return {TerminalKey(row.hall, row.terminal): row.role for row in rows}
