"""The office has changed the item in the meantime."""

from kiosk.view.desk import ItemChanged
from ui import theme
from ui.screens.sheet import DeskSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class ItemChangedScreen(DeskSheet[ItemChanged]):
    """What it means for what was filled in."""

    def draw(self, state: ItemChanged) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, words=say("知道了"))
        y = self.emblem("info", TOP_HEIGHT + 160, 320)
        title = say("这项现在不办了") if state.gone else say("办理要求刚刚变了")
        y = self.write(title, y + 64, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 8, 128, colour=theme.INK_SOFT, align="center")
        gone = say("部门已经停办这项。有疑问请找工作人员。")
        changed = say("填好的内容都还在。只有新要求的地方请再填一下。")
        self.write(gone if state.gone else changed, y + 64, 260, size=theme.QUESTION, align="center")
