"""What the files of the walk share. Each walks one share of the view states, so that workers can do them side by side.

Walked in every run (`ui.walk.QUICK`): every view state in zh-Hans, zh-Hant and English, in normal and in the two
combined modes that leave the least room (large-contrast-low, all); every single mode in zh-Hans and English; and every
view state in the low mode on the two panels at the limits of the site file. The command `python -m ui.walk` walks the
whole product, zh-Hant in the single modes too.
"""

from typing import Final

from kiosk.view.common import Language, Modes
from kiosk.view.screen import State
from ui.samples import samples
from ui.surface import Mounting
from ui.walk import MODES, walk, walked_on

SAMPLES: Final = samples()
SHARES: Final = {
    "gate": ("gate", "common"),
    "desk": ("desk",),
    "afterwards": ("afterwards",),
    "staff": ("attendant", "help", "typing", "address", "technician"),
}
"""The parts of the view that each file `test_ui_walk_<share>.py` walks."""


def part_of(name: str) -> str:
    """The part of the view that a sample is of: gate, desk ..."""
    return name.partition(".")[0]


def _states(share: str) -> list[tuple[str, State]]:
    return [(name, state) for name, state in SAMPLES.items() if part_of(name) in SHARES[share]]


def wrong_in(share: str, language: Language, mode: str) -> str:
    """What is wrong with the screens of a share, a line each; empty when all are as they have to be."""
    return "\n".join(walk(walked_on(language, MODES[mode]), _states(share)))


def wrong_on_panel(share: str, mounting: Mounting) -> str:
    """The same on another panel, for somebody who sits."""
    return "\n".join(walk(walked_on(Language.ZH_HANS, Modes(low=True), mounting), _states(share)))
