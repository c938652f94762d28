"""An address at the desk: the place is picked level by level or searched for, then the house number is written."""

from dataclasses import replace
from typing import Final

from anyio.to_thread import run_sync

from kiosk.desk.typing import Asks, ask_written
from kiosk.input.lexicon import Division
from kiosk.input.pinyin import Mode
from kiosk.input.writer import Engines
from kiosk.view.address import Climb, Find, PickPlace, Place, Take, WriteWhole
from kiosk.view.common import Back, Next
from kiosk.view.desk import NO_WORDS, Answer, AnswerProblem, Question
from kiosk.view.screen import Intent

FOUND: Final = 24
"""So many places a search shows at most: more letters are quicker than more pages."""
TYPED: Final = 24
STREET: Final = 4
STRANGER: Final = 4
"""So many letters before they are taken for another reading."""


class Picking:
    """A place being picked. Forgotten with the answer.

    Args:
        machine: the engines; they know the places of the country.
        value: the address that is there already.

    Attributes:
        path: what was picked, the province first.
        rest: what stood after it in the address that is there already.
        typed: what is searched for.
    """

    def __init__(self, machine: Engines, value: str) -> None:
        self._addresses, self._pinyin, self._given = machine.addresses, machine.pinyin, bool(value)
        found, self.rest = self._addresses.begun(value)
        self.path = self._addresses.path(found)
        self.typed = ""

    @property
    def last(self) -> int:
        """Number of what was picked last; 0 for nothing."""
        return self.path[-1].number if self.path else 0

    @property
    def text(self) -> str:
        """What was picked, as an address begins."""
        return "".join(place.name for place in self.path)

    @property
    def whole(self) -> bool:
        """Whether nothing smaller can be picked."""
        return bool(self.path) and not self._addresses.children(self.last)

    def rows(self) -> tuple[Place, ...]:
        """What can be picked now."""
        if self.typed:
            return tuple(self._row(place) for place in self._found())
        # A street has nothing below it: its neighbours, so that it can be changed.
        within = self.last if not self.whole else (self.path[-2].number if len(self.path) > 1 else 0)
        return tuple(Place(place.number, place.name) for place in self._addresses.children(within))

    def level(self, rows: tuple[Place, ...]) -> int:
        """What the rows are: 1 provinces to 4 streets."""
        return self._addresses.division(rows[0].number).level if rows else min(4, len(self.path) + 1)

    def _found(self) -> list[Division]:
        """What a search finds; also by the reading that a stranger would give the characters (liuan for 六安)."""
        found = list(self._addresses.search(self.typed, self.last, FOUND))
        if self.typed.isascii() and len(self.typed) >= STRANGER and not any(place.level < STREET for place in found):
            letters = "".join(sign for sign in self.typed.lower() if sign.isalpha())
            for candidate in self._pinyin.candidates(letters, Mode.ADDRESS).page(0, 3) if letters else ():
                if len(candidate.text) > 1 and candidate.used == len(letters):
                    others = self._addresses.search(candidate.text, self.last, FOUND)
                    found = [*others, *(place for place in found if place not in others)]
            self._pinyin.forget()
        return found[:FOUND]

    def _row(self, place: Division) -> Place:
        above = self._addresses.path(place.number)[len(self.path) : -1]
        return Place(place.number, place.name, "".join(one.name for one in above))

    def chosen(self) -> tuple[Place, ...]:
        """What was picked, for the screen."""
        return tuple(Place(place.number, place.name) for place in self.path)

    def take(self, number: int) -> bool:
        """Pick a place; whether it is the smallest there is. One that does not exist changes nothing."""
        try:
            self._addresses.division(number)
        except KeyError:
            return False
        if number == 0:
            return False
        path = self._addresses.path(number)
        if not self.path or path[: len(self.path)] != self.path or len(path) == len(self.path):
            self.rest = ""  # another place: the old house number is not there
        self.path, self.typed = path, ""
        return self.whole

    def touched(self, intent: Intent) -> bool | None:
        """One touch; whether the place is picked as far as it can be. None is: back to before the question."""
        match intent:
            case Take(number=number):
                return self.take(number)
            case Climb(chosen=chosen):
                self.climb(chosen)
            case Find(text=text):
                self.find(text)
            case WriteWhole():
                return True
            case Back() if self.typed:
                self.typed = ""
            case Back() if self.path and not self._given:
                self.climb(len(self.path) - 1)
            case _:
                return None
        return False

    def climb(self, chosen: int) -> None:
        """Back to where so many places were chosen."""
        self.path, self.typed = self.path[: max(0, chosen)], ""

    def find(self, text: str) -> None:
        """Search for something else."""
        self.typed = text.strip()[:TYPED]


async def ask_address(session: Asks, machine: Engines, question: Question) -> Intent:
    """Ask for an address.

    Args:
        session: of the person.
        machine: the engines.
        question: what is asked; its value is picked up as far as its beginning is a place.

    Returns:
        `Answer`, `Back`, or whatever else the person asked for.

    Raises:
        SessionOver: they left.
    """
    picking = await run_sync(Picking, machine, question.value)
    while True:
        rows = await run_sync(picking.rows)
        state = PickPlace(question, rows, picking.chosen(), picking.typed, question.value, picking.level(rows))
        intent = await session.ask(state)
        match intent:
            case Next():
                return Answer(question.key, question.value)
            case WriteWhole() | Take() | Climb() | Find() | Back():
                ready = await run_sync(picking.touched, intent)
                if ready is None:
                    return intent
            case _:
                return intent
        if ready:
            answer = await _house_number(session, machine, question, picking)
            if answer is not None:
                return answer
            if picking.whole:
                picking.climb(len(picking.path) - 1)


async def _house_number(session: Asks, machine: Engines, question: Question, picking: Picking) -> Intent | None:
    """What stands after the place is written; None goes back to picking."""
    before = picking.text
    left = max(1, question.max_length - len(before))
    written = replace(
        question, value=picking.rest, max_length=left, problem=AnswerProblem.NONE, message=NO_WORDS, prefilled=False
    )
    while True:
        intent = await ask_written(session, machine, written, Mode.ADDRESS, before=before)
        match intent:
            case Back():
                return None
            case Answer(value=rest) if before and not rest.strip():
                # The place alone is no address: nobody could find the door.
                written = replace(written, problem=AnswerProblem.EMPTY)
            case Answer(value=rest):
                return Answer(question.key, before + rest)
            case _:
                return intent
