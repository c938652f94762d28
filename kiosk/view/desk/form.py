"""The form: one question a screen."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.common import Words
from kiosk.view.desk.choosing import NO_WORDS


class Field(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    PHONE = "phone"
    DIGITS = "digits"
    DATE = "date"
    """`YYYY-MM-DD`, typed on the digit pad."""
    CONFIRM = "confirm"
    """A prefilled text: right as it is, or staff."""
    MULTI = "multi"
    """Several options; the answer is their keys joined by `,`."""
    AMOUNT = "amount"
    """Yuan, with two decimals at most."""
    TEXT = "text"
    ADDRESS = "address"
    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    CODE = "code"
    """Capital letters and digits."""


class AnswerProblem(StrEnum):
    """Why an answer was not taken."""

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
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    key: str
    title: Words
    line: Words = NO_WORDS


class Part(StrEnum):
    """What a question belongs to."""

    FORM = "form"
    ELIGIBILITY = "eligibility"
    """Whether one qualifies; `step` counts these questions alone."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question a screen; the question is the title. Answered by `Answer(key, value)` or `Back`.

    Attributes:
        step: counts from 1 over the whole application: questions, papers and the check.
        value: what is filled in already.
        unit: e.g. 元, shown after the digits.
        max_length: of a typed answer in characters; of `MULTI` how many.
        message: what is wrong, in the item's own words, where it has some.
        optional: may be left empty.
        prefilled: the value was not typed here: it comes from the card or an earlier answer.
        can_save: what was filled in can be kept for later (`SaveForLater`).
    """

    step: int
    steps: int
    key: str
    title: Words
    explanation: Words
    field: Field
    value: str = ""
    options: tuple[Option, ...] = ()
    unit: Words = NO_WORDS
    max_length: int = 40
    problem: AnswerProblem = AnswerProblem.NONE
    message: Words = NO_WORDS
    optional: bool = False
    prefilled: bool = False
    part: Part = Part.FORM
    can_save: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """The answer to one question, in its canonical form."""

    key: str
    value: str

    def __repr__(self) -> str:
        return f"Answer({self.key!r}, masked)"
