"""View state and intents of an address: province, city, county, street are picked, only the house number is typed."""

from dataclasses import dataclass

from kiosk.view.desk import Question


@dataclass(frozen=True, slots=True)
class Place:
    """One place to pick.

    Attributes:
        number: in the terminal's own data; means nothing elsewhere.
        lies_in: what it lies in, where that is not plain: 江苏省苏州市.
    """

    number: int
    name: str
    lies_in: str = ""


@dataclass(frozen=True, slots=True)
class PickPlace:
    """Where is it? `Take`, `Climb`, `Find`, `WriteWhole`; `Next` takes `value` as it is; `Back`.

    Attributes:
        question: what is asked.
        chosen: what was picked so far, the province first.
        rows: what can be picked now: what lies in the last, or what was found.
        level: what they are: 1 provinces, 2 cities, 3 counties, 4 streets.
        typed: what is searched for; empty for no search.
        value: the address that is there already, from the card or an earlier answer; may be empty.
    """

    question: Question
    rows: tuple[Place, ...]
    chosen: tuple[Place, ...] = ()
    typed: str = ""
    value: str = ""
    level: int = 1


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Take:
    """This place."""

    number: int


@dataclass(frozen=True, slots=True)
class Climb:
    """Back to where so many places were chosen: 0 begins at the provinces."""

    chosen: int


@dataclass(frozen=True, slots=True, repr=False)
class Find:
    """Places that these letters or characters find."""

    text: str

    def __repr__(self) -> str:
        return "Find(masked)"


@dataclass(frozen=True, slots=True)
class WriteWhole:
    """It is not in the list: go on by writing, after what was picked."""
