"""How the lane is: devices with what to do about them, and figures."""

from typing import Final

from kiosk.view.attendant import LaneFacts
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR
from ui.staff_words import DEVICES, STATES
from ui.surface import Box
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel, Rule
from ui.widgets.text import Text

_CAPTION: Final = 320.0
_Row = tuple[str, str, bool | None]
"""Caption, value, and whether it is as it should be; None for a mere figure."""


class LaneFactsScreen(StaffSheet[LaneFacts]):
    """A table."""

    page = 0

    def draw(self, state: LaneFacts) -> None:
        """Draw it."""
        y = self.frame(self.say("设备和数据")) + 16
        rows = [*self._devices(state), *self._figures(state)]
        high = 112.0 if self.surface.large else 96.0
        fit = int((FLOOR - y) // high)
        if len(rows) > fit:
            fit = max(1, int((FLOOR - TURNER - 16 - y) // high))
        pages = -(-len(rows) // fit)
        page = min(self.page, pages - 1)
        shown = rows[page * fit : (page + 1) * fit]
        self.put(Panel(self.surface, Box(theme.MARGIN, y, theme.INNER, high * len(shown)), edge=theme.HAIRLINE))
        for place, row in enumerate(shown):
            self._row(Box(theme.MARGIN, y + place * high, theme.INNER, high), row, first=place == 0)
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, page, pages, self._turn))

    def _devices(self, state: LaneFacts) -> list[_Row]:
        say = self.say
        return [
            (
                say(DEVICES[device.name]) if device.name in DEVICES else device.name,
                say(STATES[device.state]) if device.state in STATES else device.state,
                device.state == "ready",
            )
            for device in state.devices
        ]

    def _figures(self, state: LaneFacts) -> list[_Row]:
        say = self.say
        rows: list[_Row] = [
            (say("今天进出"), say("进 {entered} 人，出 {left} 人").format(entered=state.entered, left=state.left), None)
        ]
        if state.inside is not None:
            inside = say("{value} 人").format(value=state.inside)
            if state.capacity is not None:
                inside = say("{inside} 人，最多 {capacity} 人").format(inside=state.inside, capacity=state.capacity)
            rows.append((say("厅内人数"), inside, None))
        level = say("{level} 级响应，第 {version} 版").format(level=state.level, version=state.rules_version)
        rows.append((say("入厅规则"), level, None))
        rows.append((say("预约名单"), self._age(state.list_minutes), state.list_minutes is not None))
        rows.append((say("网络"), say("不通，照常工作") if state.offline else say("正常"), not state.offline))
        waiting = say("{count} 条").format(count=state.outbox) if state.outbox else say("没有")
        rows.append((say("等待上传"), waiting, None))
        if state.refused:
            words = say("{count} 条，请联系技术人员").format(count=state.refused)
            rows.append((say("上传被拒"), words, False))
        return rows

    def _age(self, minutes: int | None) -> str:
        say = self.say
        if minutes is None:
            return say("还没有收到")
        if minutes < 1:
            return say("刚刚更新")
        if minutes < 120:
            return say("{count} 分钟前更新").format(count=minutes)
        return say("{count} 小时前更新").format(count=minutes // 60)

    def _row(self, box: Box, row: _Row, *, first: bool) -> None:
        caption, value, good = row
        if not first:
            self.put(Rule(self.surface, Box(box.x + 24, box.y, box.w - 48, 2)))
        place = Box(box.x + 24, box.y + 4, _CAPTION - 24, box.h - 8)
        self.put(Text(self.surface, caption, place, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        right = box.right - 24
        if good is not None:
            mark = Box(right - 40, box.y + (box.h - 40) / 2, 40, 40)
            sign: Name = "tick" if good else "exclamation"
            self.put(Disc(self.surface, mark, theme.GREEN if good else theme.AMBER_INK))
            self.put(Pictogram(self.surface, sign, mark.inset(8), colour=theme.WHITE, weight=6.0))
            right = mark.x - 16
        place = Box(box.x + _CAPTION, box.y + 4, right - box.x - _CAPTION, box.h - 8)
        self.put(Text(self.surface, value, place, size=theme.CAPTION, rise="middle"))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
