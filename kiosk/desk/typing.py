"""A question that is answered by writing: every touch of a key is taken here, and forgotten with the answer."""

from typing import Final, Protocol

from anyio.to_thread import run_sync

from kiosk.input.pack import Pack, PackError
from kiosk.input.pinyin import Mode
from kiosk.input.writer import Engines, Source, Writer
from kiosk.log import logger
from kiosk.view.common import Next
from kiosk.view.desk import Answer, Field, Question
from kiosk.view.screen import DeskState, Intent
from kiosk.view.typing import Alike, Delete, Ink, Key, Layout, Pick, Turn, Use, Write

_log = logger("desk")

WRITTEN: Final = frozenset({Field.TEXT, Field.ADDRESS})
"""The fields that are answered so."""
_SOURCES: Final = {
    Layout.PINYIN: Source.PINYIN,
    Layout.HAND: Source.HAND,
    Layout.STROKES: Source.STROKES,
    Layout.PARTS: Source.PARTS,
    Layout.CODE: Source.CODE,
    Layout.LATIN: Source.PLAIN,
    Layout.DIGITS: Source.PLAIN,
    Layout.IDENTITY: Source.PLAIN,
}


def engines() -> Engines | None:
    """The engines of this terminal; None, said in the log, where the data file is missing: letters are typed then."""
    try:
        return Engines(Pack())
    except PackError as error:
        _log.warning("no Chinese input", why=str(error))
        return None


class Typing:
    """One question being answered.

    Args:
        machine: the engines.
        question: what is asked.
        mode: what is being written.
        before: what stands before it already, e.g. the place of an address.
    """

    def __init__(self, machine: Engines, question: Question, mode: Mode, before: str = "") -> None:
        self._writer = Writer(machine, question.value, mode, question.max_length)
        self._question, self._before = question, before
        self._layout = Layout.PINYIN
        self._alike = False

    def state(self) -> Write:
        """What to show now."""
        draft = self._writer.draft
        return Write(
            question=self._question,
            text=draft.text,
            composing=draft.composing,
            candidates=draft.candidates,
            page=draft.page,
            more=draft.more,
            layout=self._layout,
            alike=self._alike,
            before=self._before,
        )

    def take(self, intent: Intent) -> None:
        """One touch; what does not belong here changes nothing."""
        match intent:
            case Key(sign=sign):
                for one in sign[:8]:
                    self._writer.key(one)
            case Delete(everything=everything):
                self._writer.delete(everything=everything)
            case Pick(number=number):
                self._writer.pick(number)
            case Turn(page=page):
                self._writer.turn(page)
            case Ink(strokes=strokes) if self._layout is Layout.HAND:
                self._writer.ink(strokes)
            case Use(layout=layout):
                self._layout = layout
                self._writer.use(_SOURCES[layout])
            case Alike(on=on):
                self._alike = on
                self._writer.alike(on=on)

    def finish(self) -> str:
        """The answer."""
        return self._writer.finish()

    def forget(self) -> None:
        """Nothing of it stays."""
        self._writer.forget()


class Asks(Protocol):
    """Shows a state and waits for the answer, as `kiosk.desk.session.Session` does."""

    async def ask(self, state: DeskState) -> Intent:
        """The answer."""
        ...


async def ask_written(
    session: Asks, machine: Engines, question: Question, mode: Mode | None = None, *, before: str = ""
) -> Intent:
    """Ask a question that is answered by writing.

    Args:
        session: of the person.
        machine: the engines.
        question: what is asked.
        mode: what is being written; None for what the field suggests.
        before: what stands before it already.

    Returns:
        `Answer`, `Back`, or whatever else the person asked for.

    Raises:
        SessionOver: they left.
    """
    chosen = mode or (Mode.ADDRESS if question.field is Field.ADDRESS else Mode.ANY)
    typing = await run_sync(Typing, machine, question, chosen, before)
    try:
        while True:
            intent = await session.ask(typing.state())
            match intent:
                case Next():
                    return Answer(question.key, typing.finish())
                case Key() | Delete() | Pick() | Turn() | Use() | Alike() | Ink():
                    # A key costs some milliseconds, handwriting some ten: the loop has other things to do.
                    await run_sync(typing.take, intent)
                case _:
                    return intent
    finally:
        typing.forget()
