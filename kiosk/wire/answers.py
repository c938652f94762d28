"""Answers to an item's form: which questions apply, whether an answer is one, and what it is worth as JSON.

One implementation for both sides: the desk asks by it, the hub checks and exports by it. An answer is a text in its
canonical form (`kiosk.wire.catalogue.Query.field`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from kiosk.wire import gb11643, gb32100
from kiosk.wire.catalogue import Condition, CrossRule, Extension, Item, PaperWanted, Query, Relation, Text, Window

Answers = Mapping[str, str]
"""By the key of the question."""
Json = str | int | bool | list[str]
"""What an answer is worth."""

_PHONE = re.compile(r"1[3-9]\d{9}")
"""Mainland mobile number (telecommunication numbering plan of the ministry, 2017)."""
_AMOUNT = re.compile(r"(0|[1-9]\d{0,8})(\.\d{1,2})?")


class Problem(StrEnum):
    """Why an answer is none."""

    NONE = "none"
    EMPTY = "empty"
    NOT_A_PHONE = "not_a_phone"
    NOT_A_DATE = "not_a_date"
    IN_THE_PAST = "in_the_past"
    IN_THE_FUTURE = "in_the_future"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    OUT_OF_RANGE = "out_of_range"
    NOT_AN_ID = "not_an_id"
    NOT_A_CREDIT_CODE = "not_a_credit_code"
    NOT_AN_AMOUNT = "not_an_amount"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    WRONG_FORM = "wrong_form"
    """Not as the pattern says; the question's hint says how."""
    CONTRADICTS = "contradicts"
    """Another answer; the rule's message says how."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with an answer."""

    problem: Problem
    message: Text | None = None
    """In the item's own words, where it has some."""

    @property
    def good(self) -> bool:
        """Whether it is an answer."""
        return self.problem is Problem.NONE


GOOD = Verdict(Problem.NONE)


# What applies --------------------------------------------------------------------------------------------------


def _holds(condition: Condition, answers: Answers) -> bool:
    given = answers.get(condition.key, "").split(",")
    return any(value in given for value in condition.values)


def asked(item: Item, answers: Answers) -> tuple[Query, ...]:
    """The questions that apply with these answers. An answer to a question that does not apply counts for nothing."""
    standing = dict(answers)
    form_keys = {query.key for query in item.form}
    found: list[Query] = []
    for query in item.form:
        if all(_holds(condition, standing) for condition in query.only_if):
            found.append(query)
        elif query.key in form_keys:
            standing.pop(query.key, None)
    return tuple(found)


def standing(item: Item, answers: Answers) -> dict[str, str]:
    """The answers that count: to questions that apply, in the form's order, and those of no question of the form."""
    queries = asked(item, answers)
    form_keys = {query.key for query in item.form}
    counted = {query.key: answers[query.key] for query in queries if answers.get(query.key)}
    return counted | {key: value for key, value in answers.items() if key not in form_keys}


def papers_wanted(item: Item, answers: Answers) -> tuple[PaperWanted, ...]:
    """The papers that apply with these answers."""
    counted = standing(item, answers)
    return tuple(paper for paper in item.papers if all(_holds(condition, counted) for condition in paper.only_if))


# Whether it is an answer ---------------------------------------------------------------------------------------


def clean(query: Query, value: str) -> str:
    """An answer in its canonical form, as far as that is a matter of writing: width, case, blanks, order."""
    value = unicodedata.normalize("NFKC", value) if query.field not in ("text", "address", "confirm") else value
    value = " ".join(value.split())
    match query.field:
        case "id_number" | "credit_code" | "code":
            return value.replace(" ", "").upper()
        case "multi":
            given = value.split(",")
            known = [choice.key for choice in query.choices if choice.key in given]
            return ",".join([*known, *(key for key in given if key and key not in known)])
        case "amount":
            return f"{Decimal(value):.2f}" if _AMOUNT.fullmatch(value) else value
        case "phone" | "digits":
            return value.replace(" ", "")
        case _:
            return value


def verdict(query: Query, value: str, answers: Answers, today: date) -> Verdict:
    """Whether a text answers a question.

    Args:
        query: the question.
        value: the answer in its canonical form (`clean`).
        answers: the others, for rules between two.
        today: the date in China.
    """
    if not value:
        return GOOD if query.optional else Verdict(Problem.EMPTY)
    problem = _problem(query, value, today)
    if problem is Problem.WRONG_FORM:
        return Verdict(problem, query.hint)
    if problem is not Problem.NONE:
        return Verdict(problem)
    for rule in query.rules:
        other = answers.get(rule.other, "")
        if other and not _agrees(rule, value, other):
            return Verdict(Problem.CONTRADICTS, rule.message)
    return GOOD


def _problem(query: Query, value: str, today: date) -> Problem:  # noqa: PLR0911  one line a kind of answer
    match query.field:
        case "phone":
            return Problem.NONE if _PHONE.fullmatch(value) else Problem.NOT_A_PHONE
        case "date":
            return _date_problem(value, query, today)
        case "digits":
            return _digits_problem(value, query)
        case "amount":
            return _amount_problem(value, query)
        case "choice":
            known = any(choice.key == value for choice in query.choices)
            return Problem.NONE if known else Problem.EMPTY
        case "multi":
            return _multi_problem(value, query)
        case "id_number":
            return Problem.NONE if gb11643.is_valid(value) else Problem.NOT_AN_ID
        case "credit_code":
            return Problem.NONE if gb32100.is_valid(value) else Problem.NOT_A_CREDIT_CODE
        case _:
            return _text_problem(value, query)


def _text_problem(value: str, query: Query) -> Problem:
    if len(value) > query.longest:
        return Problem.TOO_LONG
    if len(value) < query.shortest:
        return Problem.TOO_SHORT
    if query.pattern and not re.fullmatch(query.pattern, value):
        return Problem.WRONG_FORM
    return Problem.NONE


def _date_problem(value: str, query: Query, today: date) -> Problem:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return Problem.NOT_A_DATE
    if len(value) != 10 or not 1900 <= day.year <= 2199:
        return Problem.NOT_A_DATE
    if query.when == "past" and day > today:
        return Problem.IN_THE_FUTURE
    if query.when == "future" and day < today:
        return Problem.IN_THE_PAST
    return Problem.NONE


def _within(number: int, query: Query) -> Problem:
    low = query.least is not None and number < query.least
    high = query.most is not None and number > query.most
    return Problem.OUT_OF_RANGE if low or high else Problem.NONE


def _digits_problem(value: str, query: Query) -> Problem:
    if not (value.isascii() and value.isdigit()) or len(value) > 12:
        return Problem.OUT_OF_RANGE
    return _within(int(value), query)


def fen(value: str) -> int:
    """An amount in fen.

    Raises:
        ValueError: it is no amount.
    """
    if not _AMOUNT.fullmatch(value):
        raise ValueError("no amount")
    return int(Decimal(value) * 100)


def fee_due(item: Item, answers: Answers) -> int | None:
    """What the application costs in fen; None where only a tariff says it."""
    if not item.fee_from:
        return item.fee_fen
    given = standing(item, answers).get(item.fee_from, "")
    return fen(given) if _AMOUNT.fullmatch(given) else None


def _amount_problem(value: str, query: Query) -> Problem:
    try:
        return _within(fen(value), query)
    except ValueError:
        return Problem.NOT_AN_AMOUNT


def _multi_problem(value: str, query: Query) -> Problem:
    given = value.split(",")
    if len(set(given)) != len(given) or not {choice.key for choice in query.choices}.issuperset(given):
        return Problem.EMPTY
    if query.least is not None and len(given) < query.least:
        return Problem.TOO_FEW
    if query.most is not None and len(given) > query.most:
        return Problem.TOO_MANY
    return Problem.NONE


def _worth(value: str) -> tuple[int, Decimal | str]:
    try:
        return 0, Decimal(value)
    except ArithmeticError:
        return 1, value


def _agrees(rule: CrossRule, value: str, other: str) -> bool:
    if rule.relation is Relation.DIFFERS:
        return value != other
    mine, theirs = _worth(value), _worth(other)
    if mine[0] != theirs[0]:
        return True  # of two kinds: nothing can be said
    match rule.relation:
        case Relation.NOT_BEFORE | Relation.AT_LEAST:
            return mine >= theirs
        case Relation.AFTER:
            return mine > theirs
        case _:
            return mine <= theirs


def first_wrong(item: Item, answers: Answers, today: date) -> tuple[Query, Verdict] | None:
    """The first question that applies and has no good answer; None when the form is complete."""
    counted = standing(item, answers)
    for query in asked(item, answers):
        found = verdict(query, counted.get(query.key, ""), counted, today)
        if not found.good:
            return query, found
    return None


# Documents that run out ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How a document that runs out stands today.

    Attributes:
        state: `open` (it may be renewed), `early`, or `expired`.
        until: the day to which it is good, extensions counted.
        opens: from which day it may be renewed.
        extension: the rule that moved its end, None where none does.
    """

    state: str
    until: date
    opens: date
    extension: Extension | None


def renewal(window: Window, runs_out: date, today: date) -> Standing:
    """Whether a document may be renewed today.

    Args:
        window: of the item.
        runs_out: the date on the document.
        today: the date in China.
    """
    extension = next((one for one in window.extensions if one.first <= runs_out <= one.last), None)
    until = max(runs_out, extension.until) if extension else runs_out
    opens = runs_out - timedelta(days=window.opens_days)
    if today > until + timedelta(days=window.closes_days):
        state = "expired"
    elif today < opens:
        state = "early"
    else:
        state = "open"
    return Standing(state, until, opens, extension)


# As JSON -------------------------------------------------------------------------------------------------------


def worth(query: Query, value: str) -> Json:
    """What a good answer is worth by the item's JSON Schema: an amount in fen, a list, a truth, or the text."""
    match query.field:
        case "digits":
            return int(value)
        case "amount":
            return fen(value)
        case "multi":
            return value.split(",")
        case "choice" if [choice.key for choice in query.choices] == ["yes", "no"]:
            return value == "yes"
        case _:
            return value


def document(item: Item, answers: Answers) -> dict[str, Json]:
    """All answers that count as the JSON object that the item's schema describes."""
    counted = standing(item, answers)
    queries: Sequence[Query] = asked(item, answers)
    return {query.key: worth(query, counted[query.key]) for query in queries if query.key in counted}
