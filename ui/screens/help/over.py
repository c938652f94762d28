"""The call is over."""

from typing import Final

from kiosk.view.help import Ended, Over, Wish
from ui import theme
from ui.language import N_
from ui.screens.help.sheet import HelpSheet
from ui.widgets.pictogram import Name
from ui.widgets.target import FILLED, OUTLINED

_WORDS: Final[dict[Ended, tuple[Name, str, str]]] = {
    Ended.DONE: ("tick", N_("通话已结束"), N_("请继续办理，您填的内容都还在。")),
    Ended.STAFF_GONE: ("exclamation", N_("通话中断了"), N_("可以再呼叫一次。您填的内容都还在。")),
    Ended.LINE_DOWN: ("exclamation", N_("网络中断，通话断开了"), N_("可以留下电话，我们打给您。您填的内容都还在。")),
    Ended.NOBODY: ("clock", N_("现在没有人能接听"), N_("可以留下电话，我们打给您。您填的内容都还在。")),
}


class OverScreen(HelpSheet[Over]):
    """How it ended, and what one can do now."""

    def draw(self, state: Over) -> None:
        """Draw it."""
        say = self.say
        pictogram, title, line = _WORDS[state.how]
        good = state.how is Ended.DONE
        self.intro(pictogram, say(title), say(line), tint=theme.BLUE_TINT if good else theme.AMBER_TINT)
        if not good:
            self.choices(
                ((say("再呼叫一次"), Wish.CALL, OUTLINED), (say("留下电话，请你们打给我"), Wish.NUMBER, OUTLINED))
            )
        self.last(say("返回继续办理"), Wish.GO_ON, FILLED)
