"""What a simulated thermometer stands before: shared by the simulators of all models."""

import math
import random
import threading
import time
from typing import Final

_SWAY: Final = 2.4
"""Of a turn, from one reading to the next, in radians."""


class Forehead:
    """Something warm, seen by a sensor with noise and drift.

    Attributes:
        object_c: what it sees, degrees Celsius.
        ambient_c: its own temperature, degrees Celsius.
        noise_c: standard deviation of a reading, degrees Celsius.
        sway_c: how far readings swing to and fro, degrees Celsius; three in a row never agree.

    Args:
        seed: of the noise.
    """

    def __init__(self, seed: int) -> None:
        self.object_c = 24.0
        self.ambient_c = 22.0
        self.noise_c = 0.05
        self.sway_c = 0.0
        self._noise = random.Random(seed)
        self._looking = threading.Lock()
        self._readings = 0
        self._drift = (0.0, 0.0)  # since when, degrees a second

    @property
    def readings(self) -> int:
        """How many readings were taken."""
        with self._looking:
            return self._readings

    def drift(self, c_per_s: float) -> None:
        """From now on the sensor grows warmer or colder, and its readings with it; 0 ends that, where it was."""
        now = time.monotonic()
        with self._looking:
            drifted = self._drifted(now)
            self.object_c += drifted
            self.ambient_c += drifted
            self._drift = (now, c_per_s)

    def look(self) -> tuple[float, float]:
        """Take a reading: object and ambient temperature, degrees Celsius."""
        with self._looking:
            self._readings += 1
            drifted = self._drifted(time.monotonic())
            noise = self._noise.gauss(0, self.noise_c)
            sway = self.sway_c * math.sin(_SWAY * self._readings)
            return self.object_c + drifted + noise + sway, self.ambient_c + drifted

    def own(self) -> float:
        """Its own temperature alone, degrees Celsius."""
        with self._looking:
            return self.ambient_c + self._drifted(time.monotonic())

    def _drifted(self, now: float) -> float:
        since, c_per_s = self._drift
        return (now - since) * c_per_s
