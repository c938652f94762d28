"""Whether the hub has this terminal serve nobody: somebody locked it from afar, until it is unlocked."""

import anyio


class Lock:
    """Locked or not. All methods belong to the core thread; whoever is being served is served to the end.

    Attributes:
        on: whether it is locked.
        words: what whoever locked it has to say, may be empty.
    """

    def __init__(self) -> None:
        self.on = False
        self.words = ""
        self._changed = anyio.Event()

    def set(self, *, on: bool, words: str = "") -> None:
        """Lock or unlock.

        Args:
            on: locked.
            words: shown instead of where else to go.
        """
        self.on, self.words = on, words if on else ""
        self._changed.set()
        self._changed = anyio.Event()

    async def until(self, *, on: bool, words: str | None = None) -> None:
        """Wait until it is locked, or is not.

        Args:
            on: which.
            words: also return when something else is to be shown than this; None: only `on` counts.
        """
        while self.on is not on and (words is None or self.words == words):
            await self._changed.wait()
