"""Which document the person holds."""

from kiosk.view.attendant import Choose, ChooseDocument
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow


class ChooseDocumentScreen(StaffSheet[ChooseDocument]):
    """Two rows."""

    def draw(self, state: ChooseDocument) -> None:
        """Draw it."""
        del state
        say = self.say
        y = self.frame(say("登记哪种证件？"), say("请拿着本人证件核对，再输入号码。")) + 32
        rows = (
            ("resident", say("居民身份证、居住证"), say("18 位号码")),
            ("passport", say("护照或其他证件"), say("字母和数字，5 至 18 位")),
        )
        y = self.from_reach(y)
        for place, (key, title, line) in enumerate(rows):
            box = Box(theme.MARGIN, y + place * (176 + 24), theme.INNER, 176)
            self.put(ChoiceRow(self.surface, box, title, line, Choose(key)))
