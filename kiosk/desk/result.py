"""The result of an item that is done at once: shown and printed while the person stands there.

Whatever goes wrong here loses nothing: the receipt comes next, and the result is fetched with the card at any desk.
"""

from dataclasses import replace
from typing import Final

from drivers.errors import DriverError, Effect
from drivers.kinds import PageJob
from kiosk.desk.desk import Desk
from kiosk.desk.session import Session, SessionOver
from kiosk.log import logger
from kiosk.view import desk as view
from kiosk.view.common import Next, Words
from kiosk.wire.progress import Progress, Standing, WhoAsks

_log = logger("desk")
PRINT_WITHIN: Final = 90.0
_HERE: Final = frozenset({Standing.RESULT, Standing.COLLECTED})


async def show_result(desk: Desk, session: Session, title: Words, progress: Progress, who: WhoAsks) -> None:
    """Show the documents of a result, and print them when asked; back when the person wants the receipt.

    Args:
        desk: the desk; it has an office.
        session: of the person.
        title: of the item.
        progress: how the submission stands.
        who: the person.
    """
    office = desk.office
    if office is None or not progress.results or progress.standing not in _HERE:
        return
    found = await office.result_page(who, progress.number, progress.results[0].place)
    state = view.ResultHere(
        title,
        progress.number,
        found if isinstance(found, bytes) else b"",
        documents=len(progress.results),
        printable=_printable(desk),
    )
    try:
        while True:
            match await session.ask(state):
                case Next():
                    return
                case view.PrintResult() if state.printable:
                    desk.stage.show(replace(state, printed=view.Printed.PRINTING))
                    how = await _printed(desk, progress, who)
                    state = replace(state, printed=how, printable=_printable(desk))
    except SessionOver:
        return  # decided, and the receipt comes all the same


def _printable(desk: Desk) -> bool:
    return desk.after is not None and desk.after.pages is not None and desk.after.pages.ready


async def _printed(desk: Desk, progress: Progress, who: WhoAsks) -> view.Printed:
    """Print the documents, one after the other."""
    assert desk.office is not None
    assert desk.after is not None
    assert desk.after.pages is not None
    for document in progress.results:
        pdf = await desk.office.result(who, progress.number, document.place)
        if not isinstance(pdf, bytes):
            return view.Printed.FAILED
        job = PageJob(name=f"result-{progress.number}-{document.place}", pdf=pdf)
        try:
            await desk.after.pages.call(lambda printer, job=job: printer.print(job), within=PRINT_WITHIN)  # type: ignore[misc]  # mypy cannot type a lambda's default
        except DriverError as error:
            _log.warning("result not printed", code=error.code, effect=error.effect.value)
            return view.Printed.FAILED if error.effect is Effect.NO else view.Printed.UNSURE
    return view.Printed.PRINTED
