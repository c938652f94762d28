"""Who waits before a full hall, as far as a lane can know.

That is whoever was told here lately that it is full, and has not come in since. It is not kept over a restart, and
nothing is decided by it: the screen says how many wait where that is known.
"""

from typing import Final

import anyio

WAITS_SECONDS: Final = 600.0
"""Whoever was sent away longer ago has gone, or has forgotten their place."""
MOST: Final = 1000


class ToldFull:
    """People who were told that the hall is full. Lives on the event loop; its time is the loop's: clocks jump."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, int]] = {}

    def note(self, person: str, heads: int) -> None:
        """Somebody was told.

        Args:
            person: digest; whoever is told twice keeps their place.
            heads: with their companions.
        """
        since, _ = self._told.pop(person, (anyio.current_time(), 0))
        self._told[person] = (since, heads)
        while len(self._told) > MOST:
            self._told.pop(next(iter(self._told)))

    def came_in(self, person: str) -> None:
        """They wait no longer."""
        self._told.pop(person, None)

    def waiting(self) -> int:
        """How many heads wait; 0 where none is known of."""
        old = anyio.current_time() - WAITS_SECONDS
        self._told = {person: told for person, told in self._told.items() if told[0] > old}
        return sum(heads for _, heads in self._told.values())
