"""The staff screens under a finger, and their words for every value that may come."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from kiosk.gate.attendant_passages import REASONS as CHOICES
from kiosk.gate.attendant_passages import WATCH_CHOICES
from kiosk.view import attendant as view
from kiosk.view.common import Back, Cancel, Language, Stay
from kiosk.wire.events import Crossed, StaffAct
from kiosk.wire.evidence import CodeStatus, Colour, DocumentKind, Evidence, MaskWorn, Why
from kiosk.wire.rules import Verdict
from kiosk.wire.staff import PIN_DIGITS
from kiosk.wire.watch import WatchClass
from ui import staff_words as words
from ui.samples import samples

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from tests.ui.conftest import Terminal
    from ui.widgets.target import Target

SAMPLES = samples()
MakeTerminal = Callable[[], "Terminal"]


def _keys(widget: "Widget") -> dict[str, "Target"]:
    """Targets by what they say."""
    from ui.widgets.target import Target
    from ui.widgets.text import Text

    found: dict[str, Target] = {}
    for child in widget.walk():
        if isinstance(child, Target):
            texts = [part.content for part in child.children if isinstance(part, Text)]
            found[texts[-1] if texts else "⌫"] = child
    return found


def _tap(one: "Terminal", *keys: str) -> None:
    for key in keys:
        target = _keys(one.stage)[key]
        one.tap(target.x + target.width / 2, target.y + target.height / 2)


def test_a_pin_is_sent_once_and_leaves_nothing_on_the_screen(terminal: MakeTerminal) -> None:
    from ui.screens.attendant.enter_pin import EnterPinScreen

    one = terminal()
    one.show(SAMPLES["attendant.EnterPin"])
    _tap(one, "2", "7", "1", "8", "2", "确定")
    assert one.intents() == [Stay()] * 5, "five digits are no PIN; each says that somebody is here"
    _tap(one, "9", "⌫", "8", "确定")
    assert one.intents() == [*[Stay()] * 8, view.Pin("271828")]
    sheet = one.stage.sheet
    assert isinstance(sheet, EnterPinScreen)
    assert not sheet.value
    assert not any("271828" in text for text in _keys(one.stage))


def test_a_closed_pad_has_no_keys(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["attendant.EnterPin-locked"])
    assert "5" not in _keys(one.stage)
    _tap(one, "上一步")
    assert one.intents() == [Back()]


def test_a_temperature_is_typed_with_three_keys_and_typing_says_that_somebody_is_here(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["attendant.TypeIn-temperature"])
    _tap(one, "3", "6", "5", "9", "确定")
    assert one.intents() == [Stay()] * 4 + [view.Typed("365")], "a fourth digit is not taken"


def test_what_was_refused_is_mended_and_not_typed_again(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["attendant.TypeIn-number-wrong"])
    _tap(one, "⌫", "1", "确定")
    assert one.intents()[-1] == view.Typed("110101199003070011")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("attendant.ChooseDocument", {view.Choose("resident"), view.Choose("passport"), Back(), Cancel()}),
        (
            "attendant.OnePassage",
            {
                view.Do(view.Duty.ADMIT),
                view.Do(view.Duty.TURN_AWAY),
                view.Do(view.Duty.MEASURE),
                Back(),
                Cancel(),
            },
        ),
        ("attendant.OnePassage-admitted", {Back(), Cancel()}),
        (
            "attendant.OnePassage-watched",
            {
                view.Do(view.Duty.DEALT_WITH),
                view.Do(view.Duty.NOT_THEM),
                view.Do(view.Duty.TURN_AWAY),
                view.Do(view.Duty.MEASURE),
                Back(),
                Cancel(),
            },
        ),
        (
            "attendant.Overview-busy",
            {view.Do(duty) for duty in view.Duty}
            - {view.Do(view.Duty.ADMIT), view.Do(view.Duty.TURN_AWAY), view.Do(view.Duty.MEASURE)}
            - {view.Do(view.Duty.RESUME), view.Do(view.Duty.NOT_THEM), view.Do(view.Duty.DEALT_WITH)}
            - {view.Do(view.Duty.REGULARS), view.Do(view.Duty.ENROL), view.Do(view.Duty.REMOVE)}
            | {Cancel()},
        ),
    ],
)
def test_each_button_does_what_it_says(name: str, expected: set[object], terminal: MakeTerminal) -> None:
    from kiosk.view.common import ChangeLanguage, Mode, SwitchMode

    one = terminal()
    one.show(SAMPLES[name])
    for key in list(_keys(one.stage)):
        _tap(one, key)
    bars = {*(ChangeLanguage(language) for language in Language), *(SwitchMode(mode, on=True) for mode in Mode)}
    assert set(one.intents()) == expected | bars


def test_every_value_has_its_words() -> None:
    assert set(words.DONE) == set(view.Done) - {view.Done.NOTHING}
    assert set(words.VERDICTS) == {verdict.value for verdict in Verdict}
    assert set(words.CROSSED) == {crossed.value for crossed in Crossed}
    assert set(words.ANSWERS) == {StaffAct.ADMITTED.value, StaffAct.TURNED_AWAY.value}
    assert set(words.PARTS) == set(Evidence.__struct_fields__) - {"green_channel", "watch"}
    assert set(words.WATCH_CLASSES) == set(words.WATCH_DUTIES) == {kind.value for kind in WatchClass} | {""}
    assert set(words.FINDINGS) == set(words.PARTS)
    assert set(words.FINDINGS["identity"]) == {kind.value for kind in DocumentKind}
    assert set(words.FINDINGS["code"]) == {status.value for status in CodeStatus}
    assert set(words.FINDINGS["mask"]) == {worn.value for worn in MaskWorn}
    assert set(words.FINDINGS["health"]) == {colour.value for colour in Colour} | {"certificate"}
    assert set(words.MISSING) == {
        why.value for why in Why if why not in {Why.NOT_REQUIRED, Why.NOT_INSTALLED, Why.NOT_REACHED}
    }
    for choice in view.Choice:
        assert set(words.REASONS[choice.value]) == set(CHOICES[choice]) | set(WATCH_CHOICES.get(choice, ()))


def test_the_pad_asks_for_as_many_digits_as_the_list_was_made_with() -> None:
    from ui.screens import pin_sheet

    assert (pin_sheet.LEAST, pin_sheet.MOST) == PIN_DIGITS


def test_why_the_watch_list_sent_somebody_is_not_in_the_picture_that_goes_to_the_hub(kivy: object) -> None:
    """Technicians and windows look at that picture; class and what to do are for entry staff."""
    from ui.screens import sheet_for
    from ui.surface import Surface
    from ui.widgets.text import Text

    def contents(widget: object) -> str:
        own = widget.content if isinstance(widget, Text) else ""
        return own + "\n" + "".join(contents(child) for child in getattr(widget, "children", ()))

    surface = Surface(scale=0.5, now=lambda: datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    choose = view.ChooseReason(view.Choice.ADMIT, ("watch_dealt_with", "watch_not_them", "other"), "王*明")
    line = view.PassageLine("1", "09:41", "王*明", "refer", "on_watch_list")
    states = (SAMPLES["attendant.OnePassage-watched"], choose, view.Passages((line,)))
    for state in states:
        shown = contents(sheet_for(surface, state))
        hidden = contents(sheet_for(surface.seen_by_staff(0.3), state))
        assert "名单" in shown or "走失" in shown
        assert not any(word in hidden for word in ("名单", "走失", "社区", "已处理", "不是本人")), type(state).__name__
