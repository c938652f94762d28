"""What an applicant knows about themselves: a true-to-life answer to any question, and another where one is not taken.

Nothing here knows an item: a question is answered by what it is called and how it is asked, and where that is refused,
by something else of its kind. So an item that a hall has made itself is filled in, too.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from kiosk.view.desk import AnswerProblem, Field, Question

_CREDIT_CODE: Final = "91110000600037341L"
_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "card_no": ("AB1234567",),
    "bank_account": ("6222020000000000000",),
    "reservation": ("BH20261123",),
    "record_no": ("1101960ABC",),
    "hs_code": ("06021000",),
    "filing_no": ("BA20260001",),
    "project_code": ("2026-110101-77-03-000001",),
    "plate": ("A12345",),
    "passport": ("E12345678",),
    "decision": ("110105123456789",),
    "permit_no": (f"{_CREDIT_CODE}001P", "202411010001"),
    "green": ("20",),
    "shareholders": ("2",),
    "months": ("24",),
    "old_capital": ("100",),
}
"""Numbers of documents and the like, by what such a question is usually called."""
_DAYS: Final[dict[str, int]] = {
    "since": -600, "until": 460, "from": -300, "to": -20, "expires": 26, "passport_until": 1200,
    "contract_until": 760, "authority_until": 70, "visit_on": 4, "inspect_on": 5, "ship_on": 9, "begin": 100,
    "finish": 465,
}  # fmt: skip
"""The same for dates, in days from today."""
_OTHER_DAYS: Final = (-21, 31, -200, 20, 40, 100, 400, 3, 1, 0, -2000)
_CODES: Final = (
    "6222020000000000000", "1234567890", "123456789", "123456789012", "1234567890123456", "A12345",
    f"{_CREDIT_CODE}001P", "2026-110101-77-03-000001",
)  # fmt: skip
_NUMBERS: Final = ("120", "1000", "10", "1", "100", "30000", "2")
_AMOUNTS: Final = ("1000.50", "1000.00", "100", "20000", "1")


class NothingFits(Exception):
    """No answer of the kind that is asked for is taken; says to which question."""


class Life:
    """One applicant's answers.

    Args:
        today: the day.
        serial: of the applicant; makes their words and telephone their own.
        circumstances: how things stand with them, where a question is about that: keys of options, by question.

    Attributes:
        diary: what was said last, by key of the question, the refused ones not.
    """

    def __init__(self, today: date, serial: int, circumstances: Mapping[str, str] = MappingProxyType({})) -> None:
        self._today, self._serial, self._circumstances = today, serial, circumstances
        self._refused: set[tuple[str, str]] = set()
        self._words: dict[str, str] = {}
        self.diary: dict[str, str] = {}

    def refuse(self, key: str) -> None:
        """What was said to this question last disqualifies, or was not taken: never again."""
        said = self.diary.pop(key, "")
        self._refused.add((key, said))

    def say(self, question: Question, *, anew: bool = False) -> str:
        """An answer.

        Args:
            question: as it stands on the screen.
            anew: another one than before: one has changed one's mind.

        Raises:
            NothingFits: all were tried.
        """
        key = question.key
        if question.problem is not AnswerProblem.NONE and key in self.diary:
            self.refuse(key)
        elif question.value and not anew and (key, question.value) not in self._refused:
            self.diary[key] = question.value
            return question.value
        before = self.diary.get(key, "") if anew else ""
        for said in self._ideas(question):
            if (key, said) not in self._refused and said != before:
                self.diary[key] = said
                return said
        raise NothingFits(f"{key} ({question.field}): {question.title.zh_hans}")

    def _ideas(self, question: Question) -> Iterator[str]:
        match question.field:
            case Field.CHOICE:
                keys = [option.key for option in question.options]
                mine = self._circumstances.get(question.key, "")
                yield from sorted(keys, key=lambda key: key != mine)
            case Field.MULTI:
                keys = [option.key for option in question.options]
                mine = self._circumstances.get(question.key, "")
                yield from (*((mine,) if mine in keys else ()), ",".join(keys[:2]), *keys)
            case Field.DATE:
                days = (*((_DAYS[question.key],) if question.key in _DAYS else ()), *_OTHER_DAYS)
                yield from (self._day(days_off) for days_off in days)
            case Field.PHONE:
                yield f"1380013{self._serial % 10000:04d}"
                yield f"1390013{self._serial % 10000:04d}"
            case Field.ID_NUMBER:
                yield "110101199003070011"
            case Field.CREDIT_CODE:
                yield _CREDIT_CODE
            case Field.TEXT | Field.ADDRESS:
                yield from self._texts(question)
            case _:
                yield from _KNOWN.get(question.key, ())
                kinds = {Field.DIGITS: _NUMBERS, Field.AMOUNT: _AMOUNTS, Field.CODE: _CODES}
                yield from kinds.get(question.field, ())

    def _texts(self, question: Question) -> Iterator[str]:
        """Words that are said to this question only, so that no two answers can be taken for each other."""
        number = len(self._words) + 1
        words = self._words.setdefault(question.key, f"示例市示例路{self._serial * 100 + number}号")
        yield words[: question.max_length]
        yield f"示例有限公司{number}"[: question.max_length]
        yield f"王示例{number}"[: question.max_length]
        yield "王示例"

    def _day(self, days: int) -> str:
        """A day that far away; one at the weekend is moved to the Monday after, for visits."""
        day = self._today + timedelta(days=days)
        return (day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)).isoformat()
