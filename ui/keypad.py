"""A screen without touching it: arrows, enter, digits of a keypad or a keyboard, and the ring around what is meant.

Any keypad that the system knows as a keyboard will do. With digits and enter alone everything is reached, too: `*` and
`#` (or minus and plus) go back and forth through everything in reading order.
"""

from collections.abc import Callable
from typing import Final

from kivy.uix.widget import Widget

from kiosk.view import attendant, desk, technician, typing
from kiosk.view.common import Back
from kiosk.view.screen import Intent, State, place_of
from kiosk.view.spoken import ReadOut, SayAgain
from kiosk.view.typing import Layout, Pick
from ui.focus import beside, reading_order, rows
from ui.screens import AnySheet
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.focus_ring import FocusRing
from ui.widgets.target import Target

# Numbers of keys as SDL gives them to Kivy (kivy.core.window.Keyboard.keycodes).
_UP: Final = frozenset({273})
_DOWN: Final = frozenset({274})
_NEXT: Final = frozenset({275, 9, 270, ord("#"), ord("+")})
_BEFORE: Final = frozenset({276, 268, 269, ord("*")})
_ENTER: Final = frozenset({13, 271})
_RUB_OUT: Final = frozenset({8, 127})
_LEAVE: Final = frozenset({27})
_PAD: Final = {256 + digit: str(digit) for digit in range(10)} | {266: ".", 32: " "}
_SPELT: Final = frozenset({Layout.DIGITS, Layout.IDENTITY, Layout.LATIN})


def _private(state: State) -> bool:
    """Whether what the focus comes to is somebody's own: letters of a name, digits of a number."""
    pin = attendant.EnterPin | technician.EnterPin
    return isinstance(
        state, typing.Write | pin | attendant.TypeIn | desk.Review | desk.PaperDiffers | desk.Confirm
    ) or (isinstance(state, desk.Question) and state.field not in (desk.Field.CHOICE, desk.Field.MULTI))


class Keypad:
    """Moves through a screen and acts on it.

    Args:
        root: where the ring is drawn.
        send: takes what is to be read out.

    Attributes:
        at: what is meant now; None while somebody touches the screen instead.
    """

    def __init__(self, root: Widget, send: Callable[[Intent], None]) -> None:
        self._root, self._send = root, send
        self._sheet: AnySheet | None = None
        self._ring: FocusRing | None = None
        self._on = False
        self.at: Target | None = None

    # The screen -------------------------------------------------------------------------------------------------

    def show(self, sheet: AnySheet) -> None:
        """Another sheet is drawn: what was meant on it, or on a new screen the first thing."""
        before = self._sheet
        if before is not None:
            before.unbind(children=self._changed)
        self._sheet = sheet
        sheet.bind(children=self._changed)
        if before is not None and place_of(before.state) != place_of(sheet.state):
            self.at = None
        self._find()

    def leave(self) -> None:
        """The screens end."""
        if self._sheet is not None:
            self._sheet.unbind(children=self._changed)
        self._sheet = None

    def hide(self) -> None:
        """Somebody touches: no ring is needed."""
        self._on = False
        self.at = None
        self._find()

    def _changed(self, *_: object) -> None:
        if self._sheet is not None and self._sheet.drawing:
            return
        if self._on and (self.at is None or self.at.parent is None or self._sheet is None or not self._shown(self.at)):
            self._find()

    def _shown(self, target: Target) -> bool:
        return any(target is one for one in self._order())

    def _order(self) -> list[Target]:
        return [] if self._sheet is None else reading_order(self._sheet.topmost)

    def _find(self) -> None:
        """The target that stands where the last one stood or does the same, and the ring around it."""
        if self._ring is not None:
            self._root.remove_widget(self._ring)
            self._ring = None
        if not self._on or self._sheet is None:
            return
        found, before = self._order(), self.at
        if not found:
            self.at = None
            return
        if before is None:
            self.at = found[0]
        elif not any(one is before for one in found):
            same = [one for one in found if not callable(one.act) and one.act == before.act]
            self.at = same[0] if same else min(found, key=lambda one: _apart(one, before))
        if self.at is not None:
            self._ring = FocusRing(self._sheet.surface, self.at)
            self._root.add_widget(self._ring)

    # Keys -------------------------------------------------------------------------------------------------------

    def press(self, key: int, character: str | None) -> bool:
        """Take a key.

        Args:
            key: its number.
            character: what it writes, if anything.

        Returns:
            Whether it meant something.
        """
        if self._sheet is None:
            return False
        written = _PAD.get(key) or (character or "")
        done = True
        if key in _RUB_OUT | _LEAVE:
            done = self._do((self._rub_out() if key in _RUB_OUT else None) or self._doing(Back()))
        elif self._on and key in _ENTER and self.at is not None:
            self._do(self.at)
        elif written and self._do(self._written(written)):
            pass
        elif key in _UP | _DOWN | _NEXT | _BEFORE | _ENTER:
            self._move(key)
        elif written == "0":
            self._send(SayAgain())
        else:
            done = False
        return done

    def _move(self, key: int) -> None:
        found = self._order()
        if not found:
            return
        if not self._on or self.at is None or not self._shown(self.at):
            self._on, self.at = True, self.at if self.at is not None and self._shown(self.at) else found[0]
        elif key in _UP | _DOWN:
            lines = [] if self._sheet is None else rows(self._sheet.topmost)
            self.at = beside(lines, self.at, down=key in _DOWN)
        elif key not in _ENTER:
            place = next(number for number, one in enumerate(found) if one is self.at)
            self.at = found[(place + (1 if key in _NEXT else -1)) % len(found)]
        self._find()
        if self._sheet is not None and self.at is not None:
            self._send(ReadOut(self.at.told, private=_private(self._sheet.state)))

    def _do(self, target: Target | None) -> bool:
        if target is None:
            return False
        self._on, self.at = True, target
        target.do()
        self._find()
        return True

    def _doing(self, intent: Intent) -> Target | None:
        return next((one for one in self._order() if one.act == intent), None)

    def _rub_out(self) -> Target | None:
        return next((one for one in self._order() if one.sign == "backspace"), None)

    def _written(self, character: str) -> Target | None:
        """What a character means: a candidate, a key that bears it, or the row with this number."""
        found = self._order()
        state = None if self._sheet is None else self._sheet.state
        number = int(character) if character.isdecimal() and character.isascii() else 0
        if number and isinstance(state, typing.Write) and state.candidates and state.layout not in _SPELT:
            return self._doing(Pick(number - 1))
        key = next((one for one in found if one.words.casefold() == character.casefold()), None)
        if key is not None or not number:
            return key
        rows = [one for one in found if isinstance(one, ChoiceRow)]
        return rows[number - 1] if number <= len(rows) else None


def _apart(one: Target, other: Target) -> float:
    return abs(one.box.x - other.box.x) + abs(one.box.y - other.box.y)
