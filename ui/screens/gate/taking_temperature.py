"""The forehead's temperature is being taken."""

from kiosk.view.gate import TakingTemperature
from ui.screens.sheet import GateSheet


class TakingTemperatureScreen(GateSheet[TakingTemperature]):
    """Stand still for a moment."""

    def draw(self, state: TakingTemperature) -> None:
        """Draw it."""
        self.frame()
        title = self.say("请再量一次体温") if state.again else self.say("正在量体温")
        note = self.say("刚才没有量准。请露出额头，站着不动。") if state.again else ""
        line = self.say("{name}，请把额头对准感应器。").format(name=state.name_masked)
        self.device("thermometer", self.surface.places.thermometer, title, line, note=note, share=state.progress)

    def take(self, state: TakingTemperature) -> bool:
        """Only the bar moves."""
        if (state.again, state.name_masked) != (self.state.again, self.state.name_masked):
            return False
        if self.moving is not None:
            self.moving.set(state.progress)
        self.state = state
        return True
