"""A script: the sentences of one screen, collected one by one."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar, cast

from kiosk.view.common import Language, Words
from kiosk.view.screen import State
from kiosk.view.spoken import Sentence, Spoken
from ui.language import N_, speech

_ENDS: Final = tuple("。！？.!?…：:；;")
Shown = TypeVar("Shown", bound=State)
Teller = Callable[["Script", State], None]
_tellers: dict[type, Teller] = {}


def tells(kind: type[Shown]) -> Callable[[Callable[["Script", Shown], None]], Callable[["Script", Shown], None]]:
    """This function says what a view state of this kind is told as."""

    def register(teller: Callable[["Script", Shown], None]) -> Callable[["Script", Shown], None]:
        # The kind decides which states come here, so the narrower callable is the right one.
        _tellers[kind] = cast("Teller", teller)
        return teller

    return register


def tellers() -> dict[type, Teller]:
    """What tells each kind of view state."""
    return _tellers


def ended(words: str, language: Language) -> str:
    """A sentence with its full stop: the voice falls there, and takes breath."""
    words = words.strip()
    if not words or words.endswith(_ENDS):
        return words
    return words + ("." if language is Language.EN else "。")


def nameless(words: str) -> str:
    """A sentence that begins with `{name}` and a comma, without them: names are not called across a hall."""
    bare = words.format(name="").lstrip("，, ")
    return bare[:1].upper() + bare[1:]


class Script:
    """The sentences of one screen.

    Args:
        language: in which they are.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.say = speech(language)
        self.quiet = False
        self._sentences: list[Sentence] = []

    def tell(self, *sources: str) -> None:
        """Sentences that are always the same, by their source texts; an empty one is left out."""
        for source in sources:
            self._add(nameless(self.say(source)) if "{name}" in source else self.say(source), fixed=True)

    def fill(self, source: str, *, private: bool = False, **values: object) -> None:
        """A sentence with what is known only now.

        Args:
            source: its source text.
            private: said over headphones only.
            values: by the names in its braces.
        """
        self._add(self.say(source).format(**values), fixed=False, private=private)

    def data(self, words: Words | str, *, private: bool = False) -> None:
        """A text that came as data."""
        self._add(words if isinstance(words, str) else self.say.of(words), fixed=False, private=private)

    def rows(self, rows: Iterable[str], most: int = 6, *, private: bool = False) -> None:
        """What can be chosen, numbered as on the screen; of a long list its beginning.

        Args:
            rows: their titles.
            most: so many are read.
            private: said over headphones only.
        """
        titles = list(rows)
        for number, title in enumerate(titles[:most], start=1):
            self.fill(N_("第 {number} 项，{title}"), number=number, title=title, private=private)
        if len(titles) > most:
            self.fill(N_("一共 {count} 项，其余请看屏幕。"), count=len(titles))

    def _add(self, words: str, *, fixed: bool, private: bool = False) -> None:
        words = ended(words, self.language)
        if words:
            self._sentences.append(Sentence(words, fixed, private))

    def spoken(self) -> Spoken:
        """All of it."""
        return Spoken(self.language, tuple(self._sentences), quiet=self.quiet)
