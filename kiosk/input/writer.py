"""Somebody writing: what stands there, what is being composed, what it may mean. One a person, then forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from kiosk.input.address import Addresses
from kiosk.input.handwriting import MOST_STROKES, Handwriting
from kiosk.input.pack import Pack
from kiosk.input.pinyin import LONGEST, Candidates, Mode, Pinyin
from kiosk.input.shapes import STROKES, Shapes
from kiosk.input.syllables import Fuzzy

PAGE: Final = 9
_GUESSES: Final = 36
_FOUND: Final = 360
_LONGEST_SHAPE: Final = 40
_MOST_PARTS: Final = 6
_LONGEST_CODE: Final = 8
_HEX: Final = frozenset("0123456789ABCDEF")


class Source(StrEnum):
    """What is being composed with."""

    PINYIN = "pinyin"
    STROKES = "strokes"
    PARTS = "parts"
    """What it is made of: 氵 and 木."""
    CODE = "code"
    """Its number in Unicode, or its bytes in GB 18030."""
    HAND = "hand"
    PLAIN = "plain"
    """Letters and digits that stand for themselves."""


@dataclass(frozen=True, slots=True)
class Draft:
    """How far the writing is.

    Attributes:
        text: what stands there.
        composing: letters or strokes that are no text yet.
        candidates: of this page.
        page: counted from 0.
        more: another page follows.
    """

    text: str = ""
    composing: str = ""
    candidates: tuple[str, ...] = ()
    page: int = 0
    more: bool = False


class Engines:
    """The engines of one terminal; they know nothing of anybody.

    Args:
        pack: the data file.
    """

    def __init__(self, pack: Pack) -> None:
        self.pinyin = Pinyin(pack)
        self.addresses = Addresses(self.pinyin.places)
        self.hand = Handwriting(pack)
        self.shapes = Shapes(pack)


class Writer:
    """One text being written.

    Args:
        engines: of the terminal.
        text: what stands there at first.
        mode: what is being written.
        most: characters at most.
    """

    def __init__(self, engines: Engines, text: str = "", mode: Mode = Mode.ANY, most: int = 200) -> None:
        self._engines, self._mode, self._most = engines, mode, most
        self.source = Source.PINYIN
        self._draft = Draft(text=text)
        self._listed: Candidates | None = None
        self._fixed: tuple[str, ...] = ()
        self.use(Source.PINYIN)
        self.alike(on=False)

    @property
    def draft(self) -> Draft:
        """How far it is."""
        return self._draft

    def use(self, source: Source) -> None:
        """Compose with something else; letters that were not picked stay as they are."""
        if self._draft.composing and self.source is Source.PINYIN:
            self._append(self._draft.composing)
        self.source = source
        self._compose("")

    def alike(self, *, on: bool) -> None:
        """Let sounds that many do not tell apart stand for each other, or not."""
        self._engines.pinyin.alike(frozenset(Fuzzy) if on else frozenset())
        self._compose(self._draft.composing)

    def key(self, sign: str) -> None:
        """One more sign. What the source does not know is left out."""
        composing = self._draft.composing
        match self.source:
            case Source.PINYIN if (sign.isascii() and sign.isalpha()) or (sign == "'" and composing):
                if len(composing) < min(LONGEST, 60):
                    self._compose(composing + sign.lower())
            case Source.PINYIN if sign.isdigit() and composing:
                self._compose(composing + sign)
            case Source.STROKES if sign in STROKES and len(composing) < _LONGEST_SHAPE:
                self._compose(composing + sign)
            case Source.PARTS if len(sign) == 1 and not sign.isascii() and len(composing) < _MOST_PARTS:
                self._compose(composing + sign)
            case Source.CODE if sign.upper() in _HEX and len(composing) < _LONGEST_CODE:
                self._compose(composing + sign.upper())
            case Source.PINYIN if sign.isdigit():
                self._append(sign)
            case Source.PLAIN if len(sign) == 1 and sign.isprintable():
                self._append(sign)

    def delete(self, *, everything: bool = False) -> None:
        """The last sign away: of what is composed first, then of the text."""
        if everything:
            self._draft = Draft()
            self._compose("")
        elif self._fixed and self.source is Source.HAND:
            self._compose("")
        elif self._draft.composing:
            self._compose(self._draft.composing[:-1])
        else:
            self._draft = replace(self._draft, text=self._draft.text[:-1])

    def ink(self, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
        """What was written by hand, all strokes so far."""
        drawn = [np.asarray(stroke, np.float32) for stroke in strokes[:MOST_STROKES] if stroke]
        guesses = self._engines.hand.recognise(drawn, _GUESSES)
        self._listed = None
        self._fixed = tuple(guess.character for guess in guesses)
        self._show(0)

    def turn(self, page: int) -> None:
        """Another page of the candidates; one that is not there changes nothing."""
        if page >= 0 and self._page(page):
            self._show(page)

    def pick(self, number: int) -> None:
        """Take a candidate of this page; what it does not stand for stays composed."""
        if self._listed is not None:
            page = self._listed.page(self._draft.page, PAGE)
            if 0 <= number < len(page):
                rest = self._draft.composing[page[number].used :].lstrip("'")
                self._append(page[number].text)
                self._compose(rest)
            return
        page_of = self._page(self._draft.page)
        if 0 <= number < len(page_of):
            self._append(page_of[number])
            self._compose("")

    def finish(self) -> str:
        """The text as it is to be taken: what is still composed counts as its likeliest meaning."""
        while self._draft.composing and self._draft.candidates and self.source is Source.PINYIN:
            before = self._draft.composing
            self.pick(0)
            if self._draft.composing == before:
                break
        return self._draft.text

    def forget(self) -> None:
        """Nothing of what was written stays in the engines."""
        self._draft = Draft()
        self._listed, self._fixed = None, ()
        self._engines.pinyin.forget()

    # ------------------------------------------------------------------------------------------------------------

    def _append(self, text: str) -> None:
        self._draft = replace(self._draft, text=(self._draft.text + text)[: self._most])

    def _compose(self, composing: str) -> None:
        self._draft = replace(self._draft, composing=composing)
        self._listed, self._fixed = None, ()
        if composing and self.source is Source.PINYIN:
            self._listed = self._engines.pinyin.candidates(composing, self._mode, places=self._place())
        elif composing and self.source is Source.STROKES:
            found = self._engines.shapes.find(begin=composing, most=_FOUND)
            exact = self._engines.shapes.find(begin=composing, count=len(composing), most=PAGE)
            self._fixed = tuple(dict.fromkeys(shape.character for shape in (*exact, *found)))
        elif composing and self.source is Source.PARTS:
            self._fixed = self._engines.shapes.made_of(composing, _FOUND)
        elif composing and self.source is Source.CODE:
            self._fixed = self._engines.shapes.coded(composing)
        self._show(0)

    def _place(self) -> tuple[int, ...]:
        """The divisions that the text ends with, so that what lies in them comes first."""
        text = self._draft.text[-24:]
        addresses = self._engines.addresses
        at = 0
        row: tuple[int, ...] = ()
        while at < len(text):
            below = addresses.children(row[0] if row else 0)
            found = next((place for place in below if text.startswith(place.name, at)), None)
            if found is None:
                if row:
                    break
                at += 1
                continue
            row, at = (found.number,), at + len(found.name)
        return row if at == len(text) else ()

    def _page(self, page: int) -> tuple[str, ...]:
        if self._listed is not None:
            return tuple(candidate.text for candidate in self._listed.page(page, PAGE))
        return self._fixed[page * PAGE : (page + 1) * PAGE]

    def _show(self, page: int) -> None:
        more = self._listed.more(page, PAGE) if self._listed is not None else len(self._fixed) > (page + 1) * PAGE
        self._draft = replace(self._draft, candidates=self._page(page), page=page, more=more)
