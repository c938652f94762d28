"""What help there is."""

from kiosk.view.help import Offer, Wish
from ui.screens.help.sheet import HelpSheet
from ui.widgets.target import FILLED, OUTLINED, Look


class OfferScreen(HelpSheet[Offer]):
    """Somebody on the screen, by text, somebody of the hall, or a call later."""

    def draw(self, state: Offer) -> None:
        """Draw it."""
        say = self.say
        line = say("工作人员在屏幕上看到您办到哪一步，可以说话、指给您看。身份证号等内容会遮住。")
        if not state.line:
            line = say("现在连不上工作人员。可以留下电话，我们打给您。您填的内容都还在。")
        rows: list[tuple[str, Wish, Look]] = []
        if state.line:
            rows += [(say("视频找工作人员"), Wish.CALL, FILLED), (say("只用文字交流"), Wish.CALL_TEXT, OUTLINED)]
        rows.append((say("留下电话，请你们打给我"), Wish.NUMBER, OUTLINED if state.line else FILLED))
        if state.on_site:
            rows.append((say("请大厅工作人员过来"), Wish.ON_SITE, OUTLINED))
        self.intro("staff", say("需要帮助吗？"), line, rows=len(rows))
        self.choices(rows)
        self.last(say("返回继续办理"), Wish.GO_ON)
