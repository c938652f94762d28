"""The order in which everything on a screen is reached without touching it: reading order, row by row."""

from collections.abc import Iterator

from kivy.uix.widget import Widget

from ui.widgets.target import Target


def in_order(widget: Widget) -> Iterator[Widget]:
    """A widget and all below it, as they are drawn: the later lies on top."""
    waiting = [widget]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(one.children)  # the last is drawn first


def targets(widget: Widget) -> list[Target]:
    """Everything that can be touched on a widget, also what cannot be now, as it is drawn."""
    return [one for one in in_order(widget) if isinstance(one, Target)]


def rows(widget: Widget) -> list[list[Target]]:
    """What answers on a widget, in rows from top to bottom, each from left to right.

    Two stand in one row when the middle of the lower one lies within the height of the row's first.
    """
    rest = sorted((one for one in targets(widget) if one.enabled), key=lambda one: (one.box.y, one.box.x))
    found: list[list[Target]] = []
    while rest:
        first = rest[0]
        row = [one for one in rest if one is first or first.box.y <= one.box.y + one.box.h / 2 <= first.box.bottom]
        found.append(sorted(row, key=lambda one: one.box.x))
        rest = [one for one in rest if one not in row]
    return found


def reading_order(widget: Widget) -> list[Target]:
    """What answers on a widget, in the order in which it is read."""
    return [one for row in rows(widget) for one in row]


def beside(found: list[list[Target]], now: Target, *, down: bool) -> Target:
    """The nearest one in the next row, or in the row before; after the last row comes the first.

    Args:
        found: the rows.
        now: one of them.
        down: the next row, otherwise the one before.
    """
    place = next(number for number, row in enumerate(found) if now in row)
    middle = now.box.x + now.box.w / 2

    def aside(one: Target) -> float:
        return max(one.box.x - middle, middle - one.box.right, 0.0)

    return min(found[(place + (1 if down else -1)) % len(found)], key=aside)
