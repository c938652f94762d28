"""When the reading of an infra-red thermometer means something, the same for all models.

Rules of IEC 80601-2-59 and of the screening check lists (pmc.ncbi.nlm.nih.gov/articles/PMC8654479, table 1): the
surroundings within a range, the sensor warmed up, nothing drifting. A sensor that warms up or stands in a draught shows
it by its own temperature, so that is what is watched.
"""

from collections import deque
from typing import Final

from pydantic import Field, field_validator

from drivers.contract import Options
from drivers.kinds import Temperature
from drivers.thermometer.compensation import RULES

WINDOW_S: Final = 60.0
"""How far back the sensor's own temperature is looked at."""
SAMPLE_S: Final = 1.0
"""Of several readings within this time one is kept."""


class ThermometerOptions(Options):
    """When readings mean something, and what is made of them."""

    emissivity: float = Field(default=0.98, gt=0, le=1, description="emissivity set in the device; skin has 0.98")
    ambient_min_c: float = Field(default=16, description="coldest surroundings it may be used in, °C")
    ambient_max_c: float = Field(default=32, description="warmest surroundings it may be used in, °C")
    drift_c: float = Field(default=1.0, gt=0, description="how far its own temperature may move within a minute, °C")
    warm_up_minutes: float = Field(
        default=30, ge=0, le=240, description="minutes after power-up in which the stricter limit below counts"
    )
    warm_up_drift_c: float = Field(
        default=0.5, gt=0, description="how far its own temperature may move within a minute of warming up, °C"
    )
    compensation: str = Field(
        default="", description="rule that adds a compensated value to the raw one; none if empty"
    )

    @field_validator("compensation")
    @classmethod
    def _known(cls, name: str) -> str:
        if name and name not in RULES:
            raise ValueError(f"no rule is called {name!r}; there are: {', '.join(sorted(RULES))}")
        return name


class Conditions:
    """Watches a sensor's own temperature from one `restart` to the next, and puts readings together.

    Args:
        options: the limits.
    """

    def __init__(self, options: ThermometerOptions) -> None:
        self._given = options
        self._started: float | None = None
        self._seen: deque[tuple[float, float]] = deque()

    def restart(self) -> None:
        """The device was connected: it may just have got power."""
        self._started = None
        self._seen.clear()

    def reading(
        self, object_c: float, ambient_c: float, now: float, *, emissivity: float | None = None, steady: bool = True
    ) -> Temperature:
        """Put a reading together.

        Args:
            object_c: raw object temperature, °C.
            ambient_c: the sensor's own temperature, °C.
            now: `time.monotonic()`.
            emissivity: what the device says it computes with; None: what the options say.
            steady: False when the device itself knows that it is not.
        """
        rule = self._given.compensation
        return Temperature(
            object_c=object_c,
            ambient_c=ambient_c,
            emissivity=self._given.emissivity if emissivity is None else emissivity,
            conditions_hold=self._hold(ambient_c, now) and steady,
            compensated_c=RULES[rule](object_c, ambient_c) if rule else None,
            rule=rule,
        )

    def _hold(self, ambient_c: float, now: float) -> bool:
        if self._started is None:
            self._started = now
        while self._seen and now - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        lowest = min((c for _, c in self._seen), default=ambient_c)
        highest = max((c for _, c in self._seen), default=ambient_c)
        if not self._seen or now - self._seen[-1][0] >= SAMPLE_S:
            self._seen.append((now, ambient_c))
        warming = now - self._started < self._given.warm_up_minutes * 60
        limit = self._given.warm_up_drift_c if warming else self._given.drift_c
        return (
            self._given.ambient_min_c <= ambient_c <= self._given.ambient_max_c
            and max(highest, ambient_c) - min(lowest, ambient_c) <= limit
        )
