"""What people call halls and colleagues, for every page: read at most every few seconds, whoever asks."""

from typing import Final

import anyio
from sqlalchemy import Connection

from hub.app import Hub
from hub.people.accounts import ALL_HALLS, accounts
from hub.people.halls import hall_names

_SECONDS: Final = 3.0
_Read = tuple[dict[str, str], dict[tuple[str, str], str]]


def _read(connection: Connection) -> _Read:
    return hall_names(connection), {(each.hall, each.id): each.name for each in accounts(connection)}


class Names:
    """The names as they were a moment ago."""

    def __init__(self) -> None:
        self._halls: dict[str, str] = {}
        self._people: dict[tuple[str, str], str] = {}
        self._at = float("-inf")

    async def freshen(self, hub: Hub) -> None:
        """Read them again where they may have changed. One request does so; the others go on with what there is."""
        now = anyio.current_time()
        if now - self._at >= _SECONDS:
            self._at = now
            self._halls, self._people = await hub.read(_read)

    def forget(self) -> None:
        """Somebody has changed a name: the next page shows it."""
        self._at = float("-inf")

    def hall(self, key: str) -> str:
        """What a hall is called; its key where nobody has said."""
        return self._halls.get(key, key)

    def person(self, named: str, hall: str) -> str:
        """Somebody as colleagues know them: name and id.

        Args:
            named: As records name them: an id, or with the hall of their account before it (`Person.named_in`).
            hall: Of the record.
        """
        of, slash, own = named.partition("/")
        key = (ALL_HALLS if of == "*" else of, own) if slash else (hall, named)
        name = self._people.get(key) or self._people.get((ALL_HALLS, key[1]), "")
        return f"{name} · {key[1]}" if name and name != key[1] else named
