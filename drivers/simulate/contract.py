"""What every simulated device can do. Simulators are thread-safe and own their threads."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Garble(StrEnum):
    """How an answer is spoilt."""

    GARBAGE = "garbage"
    """Random bytes before the right answer."""
    TRUNCATED = "truncated"
    """The answer ends in the middle, and the rest never comes."""
    SPLIT = "split"
    """The right answer in pieces, with pauses between them."""
    CHECKSUM = "checksum"
    """The right length, one byte wrong."""


Option = str | int | float | bool
"""A value of an option, as TOML has them."""


def toml(value: Option | Mapping[str, Option]) -> str:
    """A value as a site file has it; a mapping becomes an inline table."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case Mapping():
            return f"{{ {', '.join(f'{key} = {toml(inner)}' for key, inner in value.items())} }}"
        case _:
            return str(value)


class Simulator(Protocol):
    """One simulated device at the far end of a wire."""

    @property
    def driver(self) -> str:
        """Key of the driver that speaks to it."""
        ...

    @property
    def options(self) -> Mapping[str, Option | Mapping[str, Option]]:
        """The keys a site file needs to reach it. They stay the same through unplug and replug."""
        ...

    def unplug(self) -> None:
        """Pull the plug: the wire breaks and the address vanishes."""
        ...

    def replug(self) -> None:
        """Put it back, at the same address, in its power-up state."""
        ...

    def garble(self, how: Garble) -> None:
        """Spoil the next answers, once, then behave again."""
        ...

    def hang(self, seconds: float) -> None:
        """Say nothing for a while."""
        ...

    def close(self) -> None:
        """Stop for good."""
        ...
