"""What the technician's screens share."""

from ui.language import N_
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.sheet import Shown
from ui.technician_words import SENTENCES, VALUES, named


class TechnicianSheet(StaffSheet[Shown]):
    """A screen of the technician: as quiet and full as one of the staff."""

    leave_words = N_("退出维护")

    def told(self, words: str) -> str:
        """A sentence of the tools in the language of the screen, where it is known."""
        return self.say(SENTENCES.get(words, words))

    def valued(self, words: str) -> str:
        """A value in the language of the screen; its first word says how something is."""
        if words in VALUES:
            return self.say(VALUES[words])
        first, space, rest = words.partition(" ")
        if first in VALUES and space:
            return f"{self.say(VALUES[first])} {rest.replace('_', ' ')}"  # so that it can go on in a second line
        return self.say(SENTENCES.get(words, words))

    def named(self, name: str) -> str:
        """A check's name in the language of the screen."""
        return " · ".join(self.say(part) for part in named(name))
