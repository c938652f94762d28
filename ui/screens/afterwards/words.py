"""What the other services say for each value that may come: see `ui.services_words`, which the voice uses, too."""

from ui.services_words import CLOSED, ENDED, GOOD, GUIDES, LEVELS, OPINIONS, SERVICES, STANDINGS, STEPS

__all__ = ["CLOSED", "ENDED", "GOOD", "GUIDES", "LEVELS", "OPINIONS", "SERVICES", "STANDINGS", "STEPS"]
