"""The call, large."""

from kiosk.view.help import InCall, Talk, Wish
from ui import theme
from ui.screens.help.sheet import HelpSheet
from ui.surface import Box
from ui.widgets.staff_picture import StaffPicture
from ui.widgets.target import FILLED, OUTLINED, Look


class InCallScreen(HelpSheet[InCall]):
    """Their picture, and what one can do."""

    def draw(self, state: InCall) -> None:
        """Draw it."""
        say = self.say
        self.head()
        self.bars(help_here=False, remote=False)
        names = "、".join(state.staff)
        if state.talk is Talk.VIDEO:
            high = 300 if state.control else 600
            picture = Box((theme.WIDTH - high * 4 / 3) / 2, 136, high * 4 / 3, high)
            self.put(StaffPicture(self.surface, picture))
            y = picture.bottom + 24
        else:
            y = self.emblem("staff", 176, 288, tint=theme.HELP_TINT) + 24
        y = self.write(names or say("远程工作人员"), y, 96, size=theme.QUESTION, bold=True, align="center")
        line = (
            say("对方看得到您的屏幕，也看得到您填的私人内容。")
            if state.showing
            else say("对方看得到您的屏幕，身份证号等私人内容已遮住。")
        )
        self.write(line, y + 8, 160, colour=theme.INK_SOFT, align="center")
        rows: list[tuple[str, Wish, Look]] = []
        if state.control:
            rows.append((say("停止代我点按"), Wish.REVOKE, FILLED))
        if state.showing:
            rows.append((say("遮住私人内容"), Wish.HIDE, FILLED))
        else:
            rows.append((say("让对方看私人内容"), Wish.SHOW, OUTLINED))
        rows += [(say("用文字交流"), Wish.CHAT, OUTLINED), (say("结束通话"), Wish.END, OUTLINED)]
        self.choices(rows)
        self.last(say("回到我的页面"), Wish.GO_ON, FILLED if not state.control and not state.showing else OUTLINED)
