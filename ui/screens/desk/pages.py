"""Rows that do not fit on one screen are turned like pages: there is no scrolling."""

from collections.abc import Callable

from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface, Toward
from ui.widgets.button import WordButton
from ui.widgets.text import Text

HEIGHT = 112


class PageTurner(Widget):
    """Previous page, which page, next page.

    Args:
        surface: where it is drawn.
        top: its upper edge.
        page: counts from 0.
        pages: how many there are.
        turn: called with the page to show.
    """

    def __init__(self, surface: Surface, top: float, page: int, pages: int, turn: Callable[[int], None]) -> None:
        box = Box(theme.MARGIN, top, theme.INNER, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        left = Box(box.x, box.y, 200, box.h)
        right = Box(box.right - 200, box.y, 200, box.h)

        def before() -> None:
            turn(page - 1)

        def after() -> None:
            turn(page + 1)

        self.add_widget(
            WordButton(
                surface,
                left,
                "",
                before,
                pictogram="chevron",
                toward=Toward.DOWN,
                enabled=page > 0,
                told=surface.words("上一页"),
            )
        )
        self.add_widget(
            WordButton(
                surface,
                right,
                "",
                after,
                pictogram="chevron",
                toward=Toward.UP,
                enabled=page < pages - 1,
                told=surface.words("下一页"),
            )
        )
        words = surface.words("第 {page} 页 共 {pages} 页").format(page=page + 1, pages=pages)
        middle = Box(left.right, box.y, right.x - left.right, box.h)
        self.add_widget(Text(surface, words, middle, colour=theme.INK_SOFT, align="center", rise="middle"))
