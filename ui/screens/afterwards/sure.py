"""Before it is done."""

from typing import Final

from kiosk.view.afterwards import Act, Sure
from ui import theme
from ui.language import N_
from ui.screens.sheet import DeskSheet
from ui.text import grouped
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_WORDS: Final[dict[Act, tuple[str, str, str]]] = {
    Act.WITHDRAW: (N_("要撤回申请吗？"), N_("撤回后不再办理，要办得重新申请。交过的费用按规定退。"), N_("撤回")),
    Act.MORE_TIME: (N_("要申请延长吗？"), N_("补交的时间只能延长一次。"), N_("申请延长")),
    Act.CANCEL: (N_("要取消预约吗？"), N_("取消后，这个时间会让给别人。"), N_("取消预约")),
}


class SureScreen(DeskSheet[Sure]):
    """What will happen; back leaves everything as it is."""

    def draw(self, state: Sure) -> None:
        """Draw it."""
        say = self.say
        title, line, words = _WORDS[state.what]
        self.frame(words=say(words))
        y = self.emblem("question", TOP_HEIGHT + 120, 320)
        y = self.write(say(title), y + 56, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 16, 128, colour=theme.INK_SOFT, align="center")
        if state.number:
            number = say("回执号 {number}").format(number=grouped(state.number))
            y = self.write(number, y + 8, 72, colour=theme.INK_SOFT, align="center")
        if state.begins is not None:
            when = state.begins.astimezone(self.surface.now().tzinfo) if state.begins.tzinfo else state.begins
            y = self.write(say.moment(when), y + 8, 72, align="center")
        self.write(say(line), y + 56, 260, size=theme.QUESTION, align="center")
