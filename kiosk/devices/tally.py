"""What a device has done since the program started, learned from what its calls return."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.kinds import Crossing, PagePrinterStatus, PrinterStatus


@dataclass(slots=True)
class Tally:
    """Counters of one device.

    Attributes:
        good: calls that succeeded.
        errors: calls that did not.
        opened: how often it was opened.
        cycles: crossings of a barrier.
        supplies: what it lives on; whoever shows it has words for the values.
    """

    good: int = 0
    errors: int = 0
    opened: int = 0
    cycles: int = 0
    supplies: Mapping[str, str] = field(default_factory=dict)
    _ready_before: float = 0.0
    _ready_since: float | None = None

    def turn(self, now: float, *, ready: bool) -> None:
        """The device went into service, or out of it, at `now` (seconds of any steady clock)."""
        if self._ready_since is not None:
            self._ready_before += now - self._ready_since
        self._ready_since = now if ready else None

    def ready_seconds(self, now: float) -> float:
        """How long it was in service."""
        return self._ready_before + (0.0 if self._ready_since is None else now - self._ready_since)

    def learn(self, result: object) -> bool:
        """Count a call that succeeded, and see what it says.

        Returns:
            Whether a supply has changed.
        """
        self.good += 1
        before = self.supplies
        match result:
            case PrinterStatus():
                self.supplies = {"paper": result.paper.value}
            case PagePrinterStatus():
                self.supplies = {reason.partition("-")[0]: reason for reason in result.reasons}
            case Crossing():
                self.cycles += 1
            case _:
                pass
        return before != self.supplies
