"""Rules that turn a raw skin temperature into an estimate of another. Pure, named, and used only when an option asks.

A rule may move readings, never flatten them: one that pulls everything towards 36.5 °C hides fever and cold alike. So
every rule here rises by a degree where the raw value does (a test says so).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

Rule = Callable[[float, float], float]
"""Raw object temperature and ambient temperature → the estimate; all in degrees Celsius."""

FOREHEAD_BELOW_AXILLA_C: Final = 0.5
"""1080 tests at 14-32 °C: axilla 36.7 ± 0.41 °C, forehead 36.2 ± 0.30 °C (mdpi.com/1660-4601/19/23/15883)."""


def axillary_estimate(object_c: float, ambient_c: float) -> float:  # noqa: ARG001  the source gives no dependence on it
    """Forehead to axilla, by the mean difference of the source above."""
    return object_c + FOREHEAD_BELOW_AXILLA_C


RULES: Final[Mapping[str, Rule]] = MappingProxyType({"axillary-estimate-1": axillary_estimate})
"""Name → rule. A rule that changes gets a new name, because stored readings carry the old one."""
