"""The forehead's temperature is being taken."""

from typing import Final, NamedTuple

from kiosk.view.gate import TakingTemperature, TemperatureHint
from ui.language import N_
from ui.screens.sheet import GateSheet
from ui.widgets.pictogram import Name


class _Hint(NamedTuple):
    sign: Name
    title: str
    note: str


_AWRY: Final[dict[TemperatureHint, _Hint]] = {
    TemperatureHint.ONE_AT_A_TIME: _Hint("two_people", N_("请一个人量体温"), N_("请其他人后退一步。")),
    TemperatureHint.COME_BACK: _Hint("thermometer", N_("请站回感应器前"), N_("请刷证的本人站到这里。")),
}


class TakingTemperatureScreen(GateSheet[TakingTemperature]):
    """Stand still for a moment; one person at a time, and the one whose card it was."""

    def draw(self, state: TakingTemperature) -> None:
        """Draw it."""
        self.frame()
        line = self.addressed(self.say("{name}，请把额头对准感应器。"), state.name_masked)
        toward = self.surface.places.thermometer
        awry = _AWRY.get(state.hint)
        if awry is not None:
            self.device(awry.sign, toward, self.say(awry.title), line, note=self.say(awry.note))
            return
        title = self.say("请再量一次体温") if state.again else self.say("正在量体温")
        note = self.say("刚才没有量准。请露出额头，站着不动。") if state.again else ""
        self.device("thermometer", toward, title, line, note=note, share=state.progress)

    def take(self, state: TakingTemperature) -> bool:
        """Only the bar moves."""

        def same(one: TakingTemperature) -> tuple[object, ...]:
            return one.again, one.name_masked, one.hint

        if same(state) != same(self.state):
            return False
        if self.moving is not None:
            self.moving.set(state.progress)
        self.state = state
        return True
