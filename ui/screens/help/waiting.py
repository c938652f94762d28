"""Staff were called."""

from kiosk.view.help import Waiting, Wish
from ui.screens.help.sheet import HelpSheet
from ui.widgets.target import FILLED, OUTLINED


class WaitingScreen(HelpSheet[Waiting]):
    """How long it takes, and what one can do meanwhile."""

    def draw(self, state: Waiting) -> None:
        """Draw it."""
        say = self.say
        title = say("正在为您换一位工作人员") if state.again else say("正在呼叫工作人员")
        line = say("前面还有 {count} 位。").format(count=state.ahead) if state.ahead else say("您是下一位。")
        if state.minutes is not None:
            line += say("大约 {minutes} 分钟。").format(minutes=state.minutes)
        line += say("您填的内容都还在。")
        self.intro("clock", title, line)
        self.choices(
            (
                (say("一边等，一边继续办理"), Wish.GO_ON, FILLED),
                (say("不等了，留下电话"), Wish.NUMBER, OUTLINED),
            )
        )
        self.last(say("取消求助"), Wish.CANCEL)
