"""May staff press for you?"""

from kiosk.view.help import Consent, Wish
from ui.screens.help.sheet import HelpSheet
from ui.widgets.target import FILLED, OUTLINED


class ConsentScreen(HelpSheet[Consent]):
    """Asked for each time; it can be taken back at once."""

    def draw(self, state: Consent) -> None:
        """Draw it."""
        say = self.say
        title = say("让 {name} 代您点按屏幕吗？").format(name=state.staff)
        line = say("只在这次通话里有效。屏幕上一直有“停止”按钮，随时可以收回。提交和签名仍由您自己来。")
        self.intro("question", title, line)
        self.choices(((say("同意"), Wish.ALLOW, FILLED), (say("不同意，我自己来"), Wish.REFUSE, OUTLINED)))
