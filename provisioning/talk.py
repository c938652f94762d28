"""How the commands speak: results on stdout (JSON where asked for), progress on stderr, an exit code with a meaning."""

import sys
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

Say = Callable[[str], None]
"""Is told each step, for stderr."""
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


class Exit(IntEnum):
    """What a command's exit code says. `enrol` has codes of its own."""

    DONE = 0
    WRONG_FOUND = 1
    """It ran, and something is not as it should be: the answer says what."""
    BAD_INPUT = 2
    """An argument or the site file cannot be used."""
    HUB = 3
    """The hub was needed and not reached."""
    NOT_NOW = 4
    """The machine does not allow it: a device, a file or a right is missing."""
    REFUSED = 5
    """It would have done harm: a value outside its limits, a step without consent."""


class CannotDo(Exception):
    """The command could not do what it was asked; the message says what to do instead.

    Attributes:
        code: the exit code.
    """

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Failure(msgspec.Struct):
    error: str
    exit_code: int


def step(text: str) -> None:
    """One step of progress."""
    typer.echo(text, err=True)


def give_up(error: CannotDo, *, as_json: bool) -> NoReturn:
    """Say why, on stderr and where asked for as JSON, and end with the code."""
    typer.echo(str(error), err=True)
    if as_json:
        typer.echo(msgspec.json.encode(_Failure(str(error), int(error.code))).decode())
    raise typer.Exit(int(error.code)) from error


def answer(result: object, show: Callable[[Console], None], *, as_json: bool) -> None:
    """Print a result: as one JSON object, or for people.

    Args:
        result: what msgspec can encode.
        show: prints it for people.
        as_json: which of the two.
    """
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
    else:
        # a pipe has no width: what is cut off there is lost to whoever reads the file
        show(Console(width=None if sys.stdout.isatty() else 160))


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table whose cells are plain text."""
    made = Table(title=title, title_justify="left", min_width=min(cell_len(title), 80))
    for number, column in enumerate(columns):  # an id or an address that is cut off cannot be used
        made.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        made.add_row(*(cell.replace("[", "\\[") for cell in row))
    return made
