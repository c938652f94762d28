"""Questions of an item's form: how they are shown, and whether an answer is one."""

import re
from datetime import date

from kiosk.view.common import Words
from kiosk.view.desk import NO_WORDS, AnswerProblem, Field, Option, Question
from kiosk.wire.catalogue import Query, Text

_PHONE = re.compile(r"1[3-9]\d{9}")
"""Mainland mobile number (telecommunication numbering plan of the ministry, 2017)."""


def words(text: Text) -> Words:
    """A text of the catalogue, as the screens take it."""
    return Words(text.zh_hans, text.zh_hant, text.en)


def _date_problem(value: str, query: Query, today: date) -> AnswerProblem:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return AnswerProblem.NOT_A_DATE
    if query.when == "past" and day > today:
        return AnswerProblem.IN_THE_FUTURE
    if query.when == "future" and day < today:
        return AnswerProblem.IN_THE_PAST
    return AnswerProblem.NONE


def _digits_problem(value: str, query: Query) -> AnswerProblem:
    if not (value.isascii() and value.isdigit()) or len(value) > 12:
        return AnswerProblem.OUT_OF_RANGE
    number = int(value)
    if (query.least is not None and number < query.least) or (query.most is not None and number > query.most):
        return AnswerProblem.OUT_OF_RANGE
    return AnswerProblem.NONE


def problem_of(value: str, query: Query, today: date) -> AnswerProblem:
    """Why an answer is none, or NONE.

    Args:
        value: the answer in its canonical form: an option's key, digits, `YYYY-MM-DD`, or the confirmed text.
        query: the question.
        today: the date in China.
    """
    if not value:
        return AnswerProblem.EMPTY
    match query.field:
        case "phone":
            return AnswerProblem.NONE if _PHONE.fullmatch(value) else AnswerProblem.NOT_A_PHONE
        case "date":
            return _date_problem(value, query, today)
        case "digits":
            return _digits_problem(value, query)
        case "choice":
            known = any(choice.key == value for choice in query.choices)
            return AnswerProblem.NONE if known else AnswerProblem.EMPTY
        case _:
            return AnswerProblem.NONE if len(value) <= 200 else AnswerProblem.TOO_LONG


def question(query: Query, *, step: int, steps: int, value: str, problem: AnswerProblem) -> Question:
    """A question as a view state."""
    limits = {"phone": 11, "date": 10, "digits": 12}
    return Question(
        step=step,
        steps=steps,
        key=query.key,
        title=words(query.title),
        explanation=words(query.explanation),
        field=Field(query.field),
        value=value,
        options=tuple(Option(choice.key, words(choice.title)) for choice in query.choices),
        unit=words(query.unit) if query.unit else NO_WORDS,
        max_length=limits.get(query.field, 40),
        problem=problem,
    )


def shown(value: str, query: Query) -> Words:
    """An answer as the check page shows it."""
    for choice in query.choices:
        if choice.key == value:
            return words(choice.title)
    if query.unit is not None:
        unit = query.unit
        return Words(f"{value} {unit.zh_hans}", f"{value} {unit.zh_hant}", f"{value} {unit.en}")
    return Words(value, value, value)
