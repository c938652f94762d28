"""Pay by the code on the screen, or at a window by the receipt."""

from typing import Final

from kiosk.view.desk import PayAgain, PayAtWindow, PayFee, PayState
from ui import theme
from ui.language import N_
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.code_square import CodeSquare
from ui.widgets.note import Note
from ui.widgets.outcome import OutcomeShape
from ui.widgets.target import FILLED, OUTLINED
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_TITLES: Final[dict[PayState, str]] = {
    PayState.ASKING: N_("正在取付款码"),
    PayState.WAITING: N_("请用手机扫码付款"),
    PayState.UNSURE: N_("网络断了，付款没有确认"),
    PayState.LINE_DOWN: N_("现在连不上付款服务"),
    PayState.NOT_POSSIBLE: N_("这里暂时不能付款"),
    PayState.EXPIRED: N_("付款码过期了"),
    PayState.PAID: N_("付款成功"),
}
_LINES: Final[dict[PayState, str]] = {
    PayState.ASKING: N_("请稍候几秒钟。"),
    PayState.WAITING: N_("付好后自动到下一步。"),
    PayState.UNSURE: N_("如果已经付了，请不要再付，不会多收。可以再查一次，也可以先提交，到窗口核对。"),
    PayState.LINE_DOWN: N_("没有扣款。可以再试一次，也可以先提交，凭回执到窗口付。"),
    PayState.NOT_POSSIBLE: N_("没有扣款。可以先提交，凭回执到窗口付。"),
    PayState.EXPIRED: N_("没有扣款。可以换一个新的码。"),
    PayState.PAID: N_("正在提交。"),
}
_AGAIN: Final[dict[PayState, str]] = {
    PayState.UNSURE: N_("再查一次"),
    PayState.LINE_DOWN: N_("再试一次"),
    PayState.NOT_POSSIBLE: N_("再试一次"),
    PayState.EXPIRED: N_("换一个新的码"),
}
_CODE, _CODE_SMALL = 560, 400
_HIGH = 128


def yuan(fen: int) -> str:
    """An amount in yuan with two decimals."""
    return f"{fen / 100:.2f}"


class PayFeeScreen(DeskSheet[PayFee]):
    """The amount, the code, and what to do where there is none."""

    def draw(self, state: PayFee) -> None:
        """Draw it."""
        say = self.say
        waiting = state.state in (PayState.WAITING, PayState.UNSURE) and bool(state.qr)
        self.frame(back=None, forward=None, leave=state.state not in (PayState.PAID, PayState.ASKING))
        y = self.write(say(_TITLES[state.state]), TOP_HEIGHT + 48, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 8, 72, colour=theme.INK_SOFT, align="center")
        amount = say("{yuan} 元").format(yuan=yuan(state.fen))
        y = self.write(amount, y + 16, 120, size=theme.TITLE, align="center") + 24
        if waiting:
            side = _CODE if state.state is PayState.WAITING else _CODE_SMALL
            box = Box((theme.WIDTH - side) / 2, y, side, side)
            self.put(CodeSquare(self.surface, box, state.qr))
            self._left = Text(
                self.surface,
                self._seconds(state),
                Box(theme.MARGIN, box.bottom + 16, theme.INNER, 56),
                size=theme.CAPTION,
                colour=theme.INK_SOFT,
                align="center",
            )
            self.put(self._left)
            y = box.bottom + 88
        elif state.state is PayState.PAID:
            mark = Box((theme.WIDTH - 320) / 2, y + 40, 320, 320)
            self.put(OutcomeShape(self.surface, "go", mark, fill=theme.GREEN, ink=theme.WHITE, sign="tick"))
            y = mark.bottom + 64
        else:
            dots = state.state is PayState.ASKING
            y = self.emblem("dots" if dots else "money", y + 24, 280) + 48
        buttons = self._choices(state)
        self._say_line(state, y, buttons - theme.GAP - y)

    def _say_line(self, state: PayFee, y: float, room: float) -> None:
        words = self.say(_LINES[state.state])
        quiet = state.state in (PayState.ASKING, PayState.WAITING, PayState.PAID)
        if quiet:
            self.write(words, y, min(120, room), colour=theme.INK_SOFT, align="center")
        else:
            self.put(Note(self.surface, words, Box(theme.MARGIN, y, theme.INNER, room), size=36))

    def _choices(self, state: PayFee) -> float:
        """What can be done; returns where the buttons begin."""
        say = self.say
        if state.state in (PayState.ASKING, PayState.PAID):
            return FLOOR
        later = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        self.put(WordButton(self.surface, later, say("先提交，到窗口付"), PayAtWindow(), look=OUTLINED))
        if state.state in _AGAIN:
            again = Box(theme.MARGIN, later.y - _HIGH - theme.GAP, theme.INNER, _HIGH)
            words = say(_AGAIN[state.state])
            self.put(WordButton(self.surface, again, words, PayAgain(), look=FILLED, bold=True))
            return again.y
        return later.y

    def _seconds(self, state: PayFee) -> str:
        minutes, seconds = divmod(max(0, state.seconds), 60)
        return self.say("{minutes} 分 {seconds} 秒内有效").format(minutes=minutes, seconds=f"{seconds:02}")

    def take(self, state: PayFee) -> bool:
        """Only the seconds move: they are counted by the minute's text, the code stays as it is."""
        same = (state.state, state.qr, state.title, state.fen) == (
            self.state.state,
            self.state.qr,
            self.state.title,
            self.state.fen,
        )
        if not same or not state.qr:
            return False
        self.state = state
        box = self._left.room
        self.remove_widget(self._left)
        self._left = Text(
            self.surface, self._seconds(state), box, size=theme.CAPTION, colour=theme.INK_SOFT, align="center"
        )
        self.put(self._left)
        return True
