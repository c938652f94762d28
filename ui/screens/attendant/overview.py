"""What a member of staff can do at the lane."""

from typing import Final

from kiosk.view.attendant import Do, Done, Duty, Overview
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.sheet import FLOOR
from ui.staff_words import DONE, WARNINGS
from ui.surface import Box, Surface
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.target import FILLED, OUTLINED, PLAIN, WARM, Look, Target
from ui.widgets.text import Text, shared_room

_HIGH: Final = 200.0
_GAP: Final = 24.0


class DutyTile(Target):
    """One duty: a pictogram, what it is, and how it stands."""

    def __init__(
        self, surface: Surface, box: Box, sign: Name, title: str, line: str, duty: Duty, *, look: Look = PLAIN
    ) -> None:
        super().__init__(surface, box, Do(duty), look=look)
        ink = self.look.ink
        mark = Box(box.x + 24, box.y + (box.h - 64) / 2, 64, 64)
        self.add_widget(Pictogram(surface, sign, mark, colour=theme.BLUE if look is PLAIN else ink, weight=3.6))
        inner = Box(mark.right + 24, box.y + 6, box.right - mark.right - 40, box.h - 12)
        if not line:
            self.add_widget(Text(surface, title, inner, colour=ink, rise="middle"))
            return
        upper, lower = shared_room(surface, inner, title, line)
        soft = theme.INK_SOFT if look is PLAIN else ink
        self.add_widget(Text(surface, title, upper, colour=ink, rise="bottom"))
        self.add_widget(Text(surface, line, lower, size=theme.CAPTION, colour=soft))


class OverviewScreen(StaffSheet[Overview]):
    """People who wait first, then everything else, two in a row."""

    def draw(self, state: Overview) -> None:
        """Draw it."""
        say = self.say
        about = [say("值班：{name}").format(name=state.staff)]
        if state.offline:
            about.append(say("网络暂时不通，全部功能照常"))
        y = self.frame(say("通道 {lane}").format(lane=state.lane), " · ".join(about), back=False) + 24
        if state.done is not Done.NOTHING:
            y = self.note(say(DONE[state.done]), y, 200, warning=state.done in WARNINGS)
        elif state.paused:
            y = self.note(say("本通道已暂停，屏幕请群众走旁边的通道。"), y, 200)
        box = Box(theme.MARGIN, self.from_reach(y), theme.INNER, 112 if self.surface.modes.low else 176)
        line = say("{count} 人在等候").format(count=state.waiting) if state.waiting else say("没有人在等候")
        look = FILLED if state.waiting else PLAIN
        self.put(DutyTile(self.surface, box, "staff", say("核验和最近通行"), line, Duty.PASSAGES, look=look))
        wide = (theme.INNER - _GAP) / 2
        room = FLOOR - box.bottom
        tiles = self._tiles(state)
        rows = -(-len(tiles) // 2)
        high = min(_HIGH, (room - rows * _GAP) / rows)
        for place, (sign, title, told, duty, tile_look) in enumerate(tiles):
            where = Box(
                theme.MARGIN + place % 2 * (wide + _GAP), box.bottom + _GAP + place // 2 * (high + _GAP), wide, high
            )
            self.put(DutyTile(self.surface, where, sign, title, told, duty, look=tile_look))

    def _tiles(self, state: Overview) -> list[tuple[Name, str, str, Duty, Look]]:
        say = self.say
        people = ""
        if state.inside is not None and state.capacity is not None:
            people = say("{inside} 人，最多 {capacity} 人").format(inside=state.inside, capacity=state.capacity)
        elif state.inside is not None:
            people = say("厅内 {inside} 人").format(inside=state.inside)
        trouble = say("{count} 项需要处理").format(count=state.trouble) if state.trouble else say("全部正常")
        since = say("到时间了，已通行 {count} 次") if state.disinfect else say("上次以后通行 {count} 次")
        tiles: list[tuple[Name, str, str, Duty, Look]] = [
            ("card", say("登记证件号码"), say("没带身份证的人"), Duty.REGISTER, PLAIN),
            ("barrier", say("手动开闸"), say("要选原因，会登记"), Duty.OPEN, PLAIN),
            ("info", say("设备和数据"), trouble, Duty.STATE, WARM if state.trouble else PLAIN),
            ("two_people", say("更正人数"), people, Duty.COUNT, PLAIN),
            (
                "tick",
                say("登记消毒"),
                since.format(count=state.passages),
                Duty.DISINFECTED,
                WARM if state.disinfect else PLAIN,
            ),
        ]
        if state.paused:
            tiles.append(("arrow", say("恢复通道"), say("现在暂停中"), Duty.RESUME, OUTLINED))
        else:
            tiles.append(("pause", say("暂停通道"), say("请群众走旁边通道"), Duty.PAUSE, PLAIN))
        if state.regulars is not None:
            count = say("已登记 {count} 人").format(count=state.regulars)
            tiles.append(("staff", say("免刷证人员"), count, Duty.REGULARS, PLAIN))
        if state.paper:
            tiles.append(("receipt", say("登记换纸"), "", Duty.PAPER, PLAIN))
        return tiles
