"""View states and intents of the technician's mode: the same on gate and desk.

What was measured comes as data, in the words of the technician's tools; the screens put what they know into the
language of the screen.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class PinProblem(StrEnum):
    """What was wrong with the last PIN."""

    NONE = "none"
    WRONG = "wrong"
    WAIT = "wait"
    """Wrong too often: the pad is closed for a while, each time for longer."""
    NOBODY = "nobody"
    """No technician has a PIN at this terminal."""


@dataclass(frozen=True, slots=True)
class EnterPin:
    """Type your PIN; it is not shown. It says who you are, so that no names are shown to whoever stands here.

    Attributes:
        left: tries before the pad is closed.
        seconds: until it opens again, where it is closed.
    """

    problem: PinProblem = PinProblem.NONE
    left: int = 3
    seconds: int = 0


class Task(StrEnum):
    """What a technician can do here."""

    DEVICES = "devices"
    """See the devices live."""
    QUICK = "quick"
    """Check, asking only."""
    FULL = "full"
    """Check, also what moves, prints, lights and sounds, and what needs somebody who looks."""
    CALIBRATE = "calibrate"
    """Opens the page with what can be calibrated here."""
    TOUCH = "touch"
    THERMOMETER = "thermometer"
    DESK = "desk"
    """The empty desk's picture."""
    PRINTER = "printer"
    BEAMS = "beams"
    ENROL = "enrol"
    PAPER = "paper"
    """The paper was changed."""
    STATS = "stats"
    DOCTOR = "doctor"
    BUNDLE = "bundle"
    RELEASE = "release"
    RESTART = "restart"
    OUT = "out"
    """Out of service until somebody says otherwise."""
    BACK_IN = "back_in"
    """Into service again."""
    EXIT = "exit"
    """End the program, and leave the machine to the technician."""


class Done(StrEnum):
    """What has just been done."""

    NOTHING = "nothing"
    PAPER = "paper"
    OUT = "out"
    BACK_IN = "back_in"


@dataclass(frozen=True, slots=True)
class Menu:
    """What to do.

    Attributes:
        terminal: its name.
        technician: who is signed in.
        version: of the program.
        tasks: what can be done here, in order.
        held: the terminal is out of service until somebody says otherwise.
        inner: this is the page of calibrations.
        done: what has just been done.
    """

    terminal: str
    technician: str
    version: str
    tasks: tuple[Task, ...]
    held: bool = False
    inner: bool = False
    done: Done = Done.NOTHING


@dataclass(frozen=True, slots=True)
class Working:
    """Something is being done, and takes a while.

    Attributes:
        line: the step it is at; may be empty.
    """

    task: Task
    line: str = ""


class Good(StrEnum):
    """How a line of a report is."""

    YES = "yes"
    NO = "no"
    LOOK = "look"
    QUIET = "quiet"
    """A mere figure."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report.

    Attributes:
        name: what it is about, e.g. `desk.printer.status`.
        value: what was measured.
        good: how that is.
        advice: what to do about it; empty where nothing is to be done.
    """

    name: str
    value: str = ""
    good: Good = Good.QUIET
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    Attributes:
        lines: may be empty: nothing was found.
        live: it changes by itself.
        failed: it could not be done; the line says why, and what to do.
    """

    task: Task
    lines: tuple[Line, ...] = ()
    live: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with yes and no, or something to read.

    Attributes:
        question: in the words of the tools.
        choice: whether there is a no.
    """

    task: Task
    question: str
    choice: bool = True


class Asked(StrEnum):
    """What is typed."""

    REFERENCE = "reference"
    """True temperature of the black body, in tenths of a degree Celsius."""
    CERTIFICATE = "certificate"
    """Number of the black body's certificate."""
    WIDTH = "width"
    """The longest whole line of the ruler, in dots."""


@dataclass(frozen=True, slots=True)
class TypeIn:
    """Type a figure.

    Attributes:
        wrong: what was typed before cannot be.
    """

    asked: Asked
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class ShowTarget:
    """Touch the middle of the cross.

    Attributes:
        number: of this target, from 1.
        count: of all.
        x: of its middle, as a share of the panel's width from the left.
        y: the same of its height, from the top.
        again: the touch before was too far away.
    """

    number: int
    count: int
    x: float
    y: float
    again: bool = False


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """Somebody made the gesture: held the time at the top, then touched the hall's name."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The PIN that was typed."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Do:
    """Do this."""

    task: Task


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Touched:
    """Where a finger came down, as shares of the panel from its upper left corner."""

    x: float
    y: float
