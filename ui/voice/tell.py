"""What is said of a view state."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.view.common import Language
from kiosk.view.screen import STATES, State
from kiosk.view.spoken import Spoken
from ui.voice import (
    afterwards,
    attendant,
    before,
    form,
    gate,
    handing_in,
    help,  # noqa: A004  remote help
    papers,
    technician,
)
from ui.voice.script import Script, Teller, tellers

PARTS: Final = (gate, before, form, papers, handing_in, afterwards, attendant, help, technician)
"""Each registers its own when it is imported."""
TELLERS: Final[Mapping[str, Teller]] = MappingProxyType(
    {name: tellers()[kind] for name, kind in STATES.items() if kind in tellers()}
)
"""What tells a view state, by the state's name; a test compares with all states."""


def spoken(state: State, language: Language) -> Spoken:
    """What is said aloud of a view state.

    Args:
        state: what the screen shows.
        language: in which language.

    Returns:
        Its sentences; none for a state of a newer journey than these words, which is then told by the screen alone.
    """
    # Nothing is kept for later: the state holds what is a person's.
    script = Script(language)
    teller = tellers().get(type(state))
    if teller is not None:
        teller(script, state)
    return script.spoken()
