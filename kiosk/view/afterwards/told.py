"""What became of something."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.view.common import Words
from kiosk.view.desk import NO_WORDS


class News(StrEnum):
    """What became of something."""

    WITHDRAWN = "withdrawn"
    MORE_TIME = "more_time"
    HANDED_IN = "handed_in"
    CANCELLED = "cancelled"
    THANKS = "thanks"
    """An opinion was taken."""
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    PRINT_UNSURE = "print_unsure"
    LINE_DOWN = "line_down"
    """No answer; asked again nothing is done twice."""
    NO_SUBMISSIONS = "no_submissions"
    NOT_YOURS = "not_yours"
    """No submission of this person has that number."""
    NO_FORMS = "no_forms"
    NO_OPINIONS = "no_opinions"
    NO_SLOTS = "no_slots"
    FULL = "full"
    ALREADY_BOOKED = "already_booked"
    CHANGED = "changed"
    """Somebody or something was quicker: look again."""
    QUEUE_FULL = "queue_full"
    NOT_POSSIBLE = "not_possible"
    NO_EARLIER = "no_earlier"
    """No paper was handed in before that could serve."""
    NO_PHOTO = "no_photo"
    """This desk cannot make ID photos."""


class Slip(StrEnum):
    """Where a slip is."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"
    ON_SCREEN = "on_screen"
    """The printer cannot: photograph the screen."""
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it. `Next`, and where it can be tried again (`again`) `Next` does and `Back` leaves it.

    Attributes:
        day: until when, or by when.
        code: of an opinion, to ask for the reply with.
        detail: why the printer did not print: an IPP reason or an error's code.
    """

    what: News
    title: Words = NO_WORDS
    day: date | None = None
    code: str = ""
    slip: Slip = Slip.NONE
    again: bool = False
    detail: str = ""
