"""What is to be demonstrated, and at what pace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from drivers.contract import Kind
from kiosk.demo.cases import GateCase

Roles = Literal["both", "gate", "desk"]
HALL: Final = "weinan"

QUICK: Final[Mapping[str, Mapping[str, float]]] = {
    "gate": {
        "face_seconds": 20.0,
        "temperature_seconds": 12.0,
        "code_seconds": 8.0,
        "pass_seconds": 8.0,
        "result_seconds": 0.5,
        "passports": True,
    },
    "desk": {"result_seconds": 0.5},
}
"""A demonstration nobody watches: the same machine, with people who read faster. A busy machine sees a face late."""
LIVE: Final[Mapping[str, Mapping[str, float]]] = {"gate": {"passports": True}, "desk": {}}
"""As the machines are set when they are delivered."""


@dataclass(frozen=True)
class Plan:
    """What to demonstrate.

    Attributes:
        kill: how many times a program is killed with SIGKILL while the crowd is there.
        hub_down: `never`, `half` (half of the crowd) or `whole` (the whole crowd); it comes back afterwards.
        ui: `none`, `offscreen` or `window` for the terminals.
        drivers: other models than the default ones, by kind.
        plain: nothing is wrong with anybody.
        role: which terminals there are.
        cases: these occur, once each, and nothing else is wrong with anybody; by chance when empty.
    """

    people: int
    submissions: int
    seed: int
    kill: int = 0
    hub_down: str = "half"
    ui: str = "none"
    drivers: Mapping[Kind, str] = field(default_factory=dict)
    plain: bool = False
    role: Roles = "both"
    cases: tuple[GateCase, ...] = ()

    @property
    def roles(self) -> tuple[Literal["gate", "desk"], ...]:
        """The terminals there are."""
        return ("gate", "desk") if self.role == "both" else (self.role,)

    @property
    def quick(self) -> bool:
        """Whether nobody watches."""
        return self.ui == "none"
