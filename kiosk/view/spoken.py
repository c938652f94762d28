"""What is said aloud of a screen, and how the loudspeaker is set for the person in front."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.common import Language


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, as it is written; whoever speaks it reads its numbers.

    Attributes:
        words: in the language of the whole.
        fixed: it is always the same: a clip of it was made at build time.
        private: a name, a number or an address is in it: said over headphones only.
    """

    words: str
    fixed: bool = True
    private: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of one screen.

    Attributes:
        sentences: in order; `instead` of a private one stands before it.
        quiet: said when somebody asks for it, not by itself: nobody is being served.
    """

    language: Language
    sentences: tuple[Sentence, ...]
    quiet: bool = False

    def __str__(self) -> str:
        """All of it as one text, as it is said over headphones."""
        return " ".join(sentence.words for sentence in self.sentences)

    def aloud(self, *, private: bool) -> tuple[Sentence, ...]:
        """What is said.

        Args:
            private: over headphones; otherwise whoever stands around hears it, too.
        """
        return tuple(sentence for sentence in self.sentences if private or not sentence.private)


LOUDEST = 4
"""Volumes are 0 (silent) to this."""


class Route(StrEnum):
    """Where sound goes."""

    SPEAKER = "speaker"
    HEADPHONES = "headphones"
    NOWHERE = "nowhere"
    """There is no loudspeaker, or it is away: everything is on the screen."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How the voice is set, for the screen to show.

    Attributes:
        volume: 0 to `LOUDEST`.
        paused: the person has stopped it; it begins again with the next screen.
    """

    route: Route = Route.NOWHERE
    volume: int = 2
    paused: bool = False


SILENT = Sound()
"""No loudspeaker was found yet."""


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetVolume:
    """So loud: 0 to `LOUDEST`, until the person leaves."""

    volume: int


@dataclass(frozen=True, slots=True)
class SayAgain:
    """Say it once more, from the beginning."""


@dataclass(frozen=True, slots=True)
class PauseVoice:
    """Stop speaking, or go on."""

    on: bool


@dataclass(frozen=True, slots=True, repr=False)
class ReadOut:
    """Say these words of the screen: what the focus has come to. `private`: over headphones only."""

    words: str
    private: bool = False

    def __repr__(self) -> str:
        return "ReadOut(masked)"
