"""What the beams saw was not one person walking through."""

from typing import Final, NamedTuple

from kiosk.view.gate import Ending, PassageNotice
from ui import theme
from ui.language import N_
from ui.screens.gate.verdict import VerdictSheet
from ui.widgets.pictogram import Name


class _Notice(NamedTuple):
    sign: Name
    word: str
    step: str


_NOTICES: Final[dict[Ending, _Notice]] = {
    Ending.NOBODY_PASSED: _Notice("clock", N_("通道已关闭"), N_("要进入，请重新放身份证")),
    Ending.TURNED_BACK: _Notice("barrier", N_("您没有进入"), N_("要进入，请重新放身份证")),
    Ending.TAILGATED: _Notice("two_people", N_("请一人一过"), N_("请停下，工作人员马上来")),
    Ending.HELD_OPEN: _Notice("barrier", N_("请走过通道"), N_("不要停在闸门中间")),
    Ending.FAULT: _Notice("barrier", N_("闸门打不开"), N_("请不要推，工作人员马上来")),
}


class PassageNoticeScreen(VerdictSheet[PassageNotice]):
    """What to do about it."""

    def draw(self, state: PassageNotice) -> None:
        """Draw it."""
        notice = _NOTICES[state.ending]
        self.verdict("wait", theme.AMBER, theme.INK, self.say(notice.word), self.say(notice.step), notice.sign)
