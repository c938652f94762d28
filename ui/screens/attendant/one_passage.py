"""One person's evidence, and the answer of staff."""

from typing import Final

from kiosk.view.attendant import Do, Duty, Finding, Good, OnePassage, WatchTold
from ui import theme
from ui.screens.attendant.sheet import StaffSheet, reason_for_staff
from ui.screens.sheet import FLOOR
from ui.staff_words import (
    ANSWERS,
    CROSSED,
    FINDINGS,
    MISSING,
    PARTS,
    VERDICTS,
    WATCH_CLASSES,
    WATCH_DUTIES,
)
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel, Rule
from ui.widgets.target import FILLED, OUTLINED, PLAIN
from ui.widgets.text import Text

_BUTTON: Final = 120.0
_GAP: Final = 20.0
_PART: Final = 288.0
MARKS: Final[dict[str, tuple[Name, theme.Colour]]] = {
    Good.YES: ("tick", theme.GREEN),
    Good.NO: ("cross", theme.RED),
    Good.LOOK: ("exclamation", theme.AMBER_INK),
}


class OnePassageScreen(StaffSheet[OnePassage]):
    """Who, why they were sent, what was found; below it what can be done."""

    def draw(self, state: OnePassage) -> None:
        """Draw it."""
        say = self.say
        line = state.line
        title = line.name_masked or say("没有证件")
        stands = ANSWERS.get(line.answer) or VERDICTS.get(line.verdict, "")
        crossed = CROSSED.get(line.crossed, "")
        about = [line.clock, state.number_masked, say(stands) if stands else "", say(crossed) if crossed else ""]
        y = self.frame(title, " · ".join(part for part in about if part)) + 16
        floor = self._buttons(state)
        for reason in state.reasons[:3] if line.verdict != "admit" else ():
            y = self.write(say(reason_for_staff(reason, self.surface)), y, 104, bold=True, colour=theme.HELP)
        y += 16
        if state.watch is not None and not self.surface.discreet:  # in the picture that goes to the hub it is not
            y = self._watch(state.watch, y)
        rows = [*state.findings]
        high = min(84.0, (floor - 24 - y) / max(1, len(rows) + len(state.readings[-2:])))
        whole = Box(theme.MARGIN, y, theme.INNER, high * (len(rows) + len(state.readings[-2:])))
        if whole.h:
            self.put(Panel(self.surface, whole, edge=theme.HAIRLINE))
        for finding in rows:
            self._finding(Box(theme.MARGIN, y, theme.INNER, high), finding, first=finding is state.findings[0])
            y += high
        for reading in state.readings[-2:]:
            words = say("{value} ℃ · {clock} · {staff}").format(
                value=f"{reading.celsius:.1f}", clock=reading.clock, staff=reading.staff
            )
            good = Good.NO if reading.high else Good.YES
            self._row(Box(theme.MARGIN, y, theme.INNER, high), say("复测体温"), words, good)
            y += high

    def _watch(self, told: WatchTold, y: float) -> float:
        """Why the watch list sent them, and what to do: small and quiet, the person stands beside it."""
        say = self.say
        kind = say(WATCH_CLASSES.get(told.kind, WATCH_CLASSES[""]))
        kind = say("同行人员：{what}").format(what=kind) if told.companion else kind
        y = self.write(kind, y, 64, size=theme.CAPTION, bold=True)
        y = self.write(say(WATCH_DUTIES.get(told.kind, WATCH_DUTIES[""])), y, 128, size=theme.CAPTION)
        if told.note:
            y = self.write(told.note, y, 128, size=theme.CAPTION, colour=theme.INK_SOFT)
        return y + 16

    def _finding(self, box: Box, finding: Finding, *, first: bool) -> None:
        say = self.say
        words = FINDINGS.get(finding.part, {}).get(finding.said) or MISSING.get(finding.said, finding.said)
        value = say(words).format(value=finding.value)
        if finding.part == "code" and finding.value:
            value = f"{value} · {say('同行 {count} 人').format(count=finding.value)}"
        self._row(
            box, say(PARTS[finding.part]) if finding.part in PARTS else finding.part, value, finding.good, first=first
        )

    def _row(self, box: Box, part: str, value: str, good: Good, *, first: bool = False) -> None:
        if not first:
            self.put(Rule(self.surface, Box(box.x + 24, box.y, box.w - 48, 2)))
        place = Box(box.x + 24, box.y + 2, _PART - 48, box.h - 4)
        self.put(Text(self.surface, part, place, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        if good in MARKS:
            sign, colour = MARKS[good]
            mark = Box(box.right - 64, box.y + (box.h - 40) / 2, 40, 40)
            self.put(Disc(self.surface, mark, colour))
            self.put(Pictogram(self.surface, sign, mark.inset(8), colour=theme.WHITE, weight=6.0))
        place = Box(box.x + _PART, box.y + 2, box.w - _PART - 88, box.h - 4)
        self.put(Text(self.surface, value, place, size=theme.CAPTION, rise="middle"))

    def _buttons(self, state: OnePassage) -> float:
        """What can be done; returns where the buttons begin."""
        say = self.say
        wide = (theme.INNER - _GAP) / 2
        lower, upper = FLOOR - _BUTTON, FLOOR - 2 * _BUTTON - _GAP
        left = theme.MARGIN
        right = left + wide + _GAP
        measure = Do(Duty.MEASURE)
        if not state.open:
            return FLOOR
        if state.watch is not None and state.watch.alone and not self.surface.discreet:
            one, two = Box(left, upper, wide, _BUTTON), Box(right, upper, wide, _BUTTON)
            self.put(WordButton(self.surface, one, say("已处理，放行"), Do(Duty.DEALT_WITH), look=FILLED, bold=True))
            self.put(WordButton(self.surface, two, say("不是本人，放行"), Do(Duty.NOT_THEM), look=OUTLINED))
            three, four = Box(left, lower, wide, _BUTTON), Box(right, lower, wide, _BUTTON)
            self.put(WordButton(self.surface, three, say("不放行"), Do(Duty.TURN_AWAY), look=PLAIN))
            self.put(WordButton(self.surface, four, say("登记复测体温"), measure))
            return upper
        self.put(
            WordButton(
                self.surface,
                Box(left, upper, wide, _BUTTON),
                say("放行"),
                Do(Duty.ADMIT),
                look=FILLED if state.named else OUTLINED,
                size=48,
                bold=True,
            )
        )
        self.put(
            WordButton(self.surface, Box(right, upper, wide, _BUTTON), say("不放行"), Do(Duty.TURN_AWAY), look=PLAIN)
        )
        if state.named:
            self.put(WordButton(self.surface, Box(left, lower, theme.INNER, _BUTTON), say("登记复测体温"), measure))
        else:
            words = say("登记证件号码")
            self.put(WordButton(self.surface, Box(left, lower, wide, _BUTTON), words, Do(Duty.REGISTER), look=FILLED))
            self.put(WordButton(self.surface, Box(right, lower, wide, _BUTTON), say("登记复测体温"), measure))
        return upper
