"""Please walk through."""

from kiosk.view.gate import Admitted
from ui import theme
from ui.screens.gate.verdict import VerdictSheet
from ui.surface import Box, Toward
from ui.widgets.pictogram import Pictogram


class AdmittedScreen(VerdictSheet[Admitted]):
    """请进 · 向前走."""

    def draw(self, state: Admitted) -> None:
        """Draw it."""
        y = self.verdict("go", theme.GREEN, theme.WHITE, self.say("请进"), self.say("向前走"))
        if state.companions:
            party = self.say("一次一个人，后面还有 {count} 位。").format(count=state.companions)
            y = self.write(party, y + 40, 200, colour=theme.WHITE, align="center")
        self.put(
            Pictogram(
                self.surface,
                "arrow",
                Box(460, max(1400, y + 40), 160, 160),
                colour=theme.WHITE,
                toward=Toward.UP,
            )
        )
        words = [state.name_masked] if state.name_masked else []
        if state.temperature_c is not None:
            words.append(self.say("体温 {value} ℃").format(value=f"{state.temperature_c:.1f}"))
        self.small(" · ".join(words), theme.WHITE)
