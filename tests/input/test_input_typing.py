"""Writing at the desk: from keys to an answer, and nothing stays behind."""

from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
import pytest

from kiosk.desk.typing import Typing, ask_written
from kiosk.input.pinyin import Mode
from kiosk.input.writer import Engines, Source, Writer
from kiosk.view import desk as view
from kiosk.view.common import Back, Next, Words
from kiosk.view.screen import DeskState, Intent
from kiosk.view.typing import Alike, Delete, Ink, Key, Layout, Pick, Turn, Use, Write

NO = Words("", "", "")
QUESTION = view.Question(
    step=1, steps=3, key="home", title=Words("住址", "住址", "Address"), explanation=NO, field=view.Field.ADDRESS
)
TREE = (
    ((0.15, 0.40), (0.85, 0.40)),
    ((0.5, 0.1), (0.5, 0.95)),
    ((0.49, 0.41), (0.35, 0.6), (0.12, 0.8)),
    ((0.51, 0.41), (0.65, 0.6), (0.89, 0.79)),
)


@dataclass
class Person:
    """Answers with what is written down, and remembers what was shown."""

    intents: list[Intent]
    seen: list[Write] = field(default_factory=list)

    async def ask(self, state: DeskState) -> Intent:
        assert isinstance(state, Write)
        self.seen.append(state)
        await anyio.lowlevel.checkpoint()
        return self.intents.pop(0)


def keys(text: str) -> list[Intent]:
    return [Key(sign) for sign in text]


def ask(engines: Engines, intents: list[Intent], question: view.Question = QUESTION) -> tuple[Intent, Person]:
    person = Person(intents)

    async def run() -> Intent:
        return await ask_written(person, engines, question)

    return anyio.run(run), person


def test_an_address_piece_by_piece(engines: Engines) -> None:
    answer, person = ask(
        engines,
        [
            *keys("zhejiangsheng"),
            Pick(0),
            *keys("taizhoushi"),
            Pick(0),
            *keys("huangyanqu"),
            Pick(0),
            *keys("88"),
            Next(),
        ],
    )
    assert answer == view.Answer("home", "浙江省台州市黄岩区88")
    assert person.seen[0].candidates == ()
    assert person.seen[13].composing == "zhejiangsheng"
    assert person.seen[13].candidates[0] == "浙江省"


def test_going_on_takes_the_likeliest_of_what_is_composed(engines: Engines) -> None:
    answer, _ = ask(engines, [*keys("beijingshihaidianqu"), Next()])
    assert answer == view.Answer("home", "北京市海淀区")


def test_back_gives_nothing_away(engines: Engines) -> None:
    answer, _ = ask(engines, [*keys("bei"), Back()])
    assert answer == Back()
    assert engines.pinyin._lattice.letters == ""


def test_delete_takes_letters_first_then_text(engines: Engines) -> None:
    writer = Writer(engines, "北京")
    writer.key("s")
    writer.delete()
    assert (writer.draft.text, writer.draft.composing) == ("北京", "")
    writer.delete()
    assert writer.draft.text == "北"
    writer.delete(everything=True)
    writer.delete()
    assert writer.draft.text == ""


def test_pages_turn_and_stop(engines: Engines) -> None:
    typing = Typing(engines, QUESTION, Mode.ANY)
    for intent in keys("shi"):
        typing.take(intent)
    page = typing.state().candidates
    typing.take(Turn(1))
    assert typing.state().page == 1
    assert not set(page) & set(typing.state().candidates)
    typing.take(Turn(10_000))
    assert typing.state().page == 1
    typing.take(Turn(-1))
    assert typing.state().page == 1
    typing.take(Pick(99))
    assert typing.state().composing == "shi"


def test_handwriting_strokes_and_plain_keys(engines: Engines) -> None:
    typing = Typing(engines, QUESTION, Mode.ANY)
    typing.take(Ink(TREE))
    assert typing.state().candidates == ()  # not while letters are typed
    typing.take(Use(Layout.HAND))
    typing.take(Ink(TREE))
    assert typing.state().candidates[0] == "木"
    typing.take(Pick(0))
    assert typing.state().text == "木"
    assert typing.state().candidates == ()
    typing.take(Use(Layout.STROKES))
    for stroke in "一丨丿丶":
        typing.take(Key(stroke))
    assert typing.state().candidates[0] == "木"
    typing.take(Pick(0))
    typing.take(Use(Layout.DIGITS))
    for intent in keys("12"):
        typing.take(intent)
    assert typing.finish() == "木木12"


def test_letters_stay_when_the_keys_are_changed(engines: Engines) -> None:
    typing = Typing(engines, QUESTION, Mode.ANY)
    for intent in [*keys("abc"), Use(Layout.LATIN), Key("D")]:
        typing.take(intent)
    assert typing.state().text == "abcD"


def test_alike_is_the_next_persons_choice_anew(engines: Engines) -> None:
    typing = Typing(engines, QUESTION, Mode.ANY)
    for intent in [Alike(on=True), *keys("sicuansheng")]:
        typing.take(intent)
    assert "四川省" in typing.state().candidates
    fresh = Typing(engines, QUESTION, Mode.ANY)
    for intent in keys("sicuansheng"):
        fresh.take(intent)
    assert "四川省" not in fresh.state().candidates


def test_no_longer_than_asked(engines: Engines) -> None:
    writer = Writer(engines, most=5)
    writer.use(Source.PLAIN)
    for sign in "1234567890":
        writer.key(sign)
    assert writer.finish() == "12345"


@pytest.mark.parametrize(
    "intent", [Key("\n"), Key(""), Key("'"), Pick(0), Pick(-1), Delete(), Ink(()), Turn(3)], ids=repr
)
def test_stray_touches_change_nothing(engines: Engines, intent: Intent) -> None:
    typing = Typing(engines, QUESTION, Mode.ANY)
    before = typing.state()
    typing.take(intent)
    assert typing.state() == before


def test_what_is_typed_is_not_in_a_log_line() -> None:
    assert "1" not in repr(Key("1"))
    assert "0.1" not in repr(Ink(TREE))
