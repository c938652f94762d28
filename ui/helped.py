"""Remote help on the window: the mark over every screen, where staff point, and the screen's picture for them.

The picture is drawn anew beside the window by the same widgets, discreetly: private content is never in it unless the
person shows it, and nothing has to be painted over. It is drawn only when something has changed, and neither it nor the
face of whoever helps is drawn in the moment of a touch: each would take as long as the frame that the person waits for.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from kivy.clock import Clock, ClockEvent
from kivy.core.window import Window
from kivy.uix.widget import Widget

from kiosk.view import help as remote
from kiosk.view.screen import Intent, Picture, Screen, Touch
from ui import theme
from ui.bridge import Bridge
from ui.screens import AnySheet, sheet_for
from ui.snapshot import drawn
from ui.surface import Surface
from ui.widgets.camera_view import Feed
from ui.widgets.help_mark import HelpMark, Pointer
from ui.widgets.staff_picture import StaffPicture
from ui.widgets.target import Target

WIDTH: Final = 540
"""Of the picture, in pixels."""
LOOKS: Final = 5.0
"""A second, for changes: another screen, something typed."""
_PICTURE_FPS: Final = 8.0
QUIET_SECONDS: Final = 0.25
"""So long after a touch everything else waits."""
LONGEST_WAIT_SECONDS: Final = 1.0
"""But no longer than this, for somebody who types without a pause."""


class Helped:
    """What remote help puts on the window.

    Args:
        root: the stage, on which marks lie.
        bridge: where guidance comes from, and the screen's picture goes.
        surface: tells where the present screen is drawn.
        sheet: tells the widget that shows it.
        picture: of the staff; None where there is none.
    """

    def __init__(
        self,
        root: Widget,
        bridge: Bridge,
        surface: Callable[[], Surface],
        sheet: Callable[[], AnySheet | None],
        picture: Picture | None,
    ) -> None:
        self._root, self._bridge, self._surface, self._sheet = root, bridge, surface, sheet
        self._feed = None if picture is None else Feed(picture)
        self._mark: HelpMark | None = None
        self._shown: tuple[object, ...] | None = None
        self._pointer: Pointer | None = None
        self._watch = remote.Watch()
        self._looking: ClockEvent | None = None
        self._playing: ClockEvent | None = None
        self._mirrored: tuple[object, ...] = ()
        self._screen: Screen | None = None
        self._touched = -math.inf
        self._mirror_waits = self._picture_waits = -math.inf
        """Since when each waits for quiet."""

    # The mark ---------------------------------------------------------------------------------------------------

    def show(self, screen: Screen) -> None:
        """A screen was drawn: put the mark on top of it."""
        self._screen = screen
        covered = screen.state.__class__.__module__ == remote.__name__
        mark = None if covered else screen.helped
        surface = self._surface()
        wanted = None if mark is None else (mark, surface.scale, surface.origin, surface.language, surface.modes)
        if wanted != self._shown:
            if self._mark is not None:
                self._root.remove_widget(self._mark)
                self._mark = None
            self._shown = wanted
            if mark is not None:
                # It stays when the screen beneath changes: what is pressed on it is not bound to that screen.
                self._mark = HelpMark(replace(surface, send=self._send), mark)
                self._root.add_widget(self._mark)
        self._raise()
        self._point(None)
        self._play(on=self._staff_picture() is not None)
        self._notice_touches(on=self._shown is not None or self._watch.on)

    def _notice_touches(self, *, on: bool) -> None:
        for kind in ("on_touch_down", "on_touch_up"):
            Window.funbind(kind, self._touch)
            if on:
                Window.fbind(kind, self._touch)

    def _touch(self, *_: object) -> None:
        self._touched = time.monotonic()

    def _may(self, waits: float) -> bool:
        """Whether something that has waited since then may be drawn now."""
        now = time.monotonic()
        return now - self._touched >= QUIET_SECONDS or now - waits >= LONGEST_WAIT_SECONDS

    def _send(self, intent: Intent) -> None:
        if self._screen is not None:
            self._bridge.on_touch(Touch(intent, self._screen.number))

    def _raise(self) -> None:
        """What lies on top is added last: the sheet was added after it."""
        for widget in (self._mark, self._pointer):
            if widget is not None and self._root.children and self._root.children[0] is not widget:
                self._root.remove_widget(widget)
                self._root.add_widget(widget)

    def leave(self) -> None:
        """End: nothing is called any more."""
        self._play(on=False)
        self.watch(remote.Watch())
        self._notice_touches(on=False)

    # Where staff point ------------------------------------------------------------------------------------------

    def guide(self, guide: remote.Guide) -> None:
        """Show what staff show, or press for the person."""
        if guide.press is not None:
            target = self._at(guide.press)
            if target is not None:
                target.do()
            self._bridge.tell_marked(None if target is None else self._share(target))
            return
        if guide.mark is not None:
            target = self._at(guide.mark)
            self._pointed().mark(target)
            self._bridge.tell_marked(None if target is None else self._share(target))
            return
        self._point(guide.point)
        if guide.point is None and self._pointer is not None:
            self._pointer.mark(None)

    def _pointed(self) -> Pointer:
        if self._pointer is None:
            self._pointer = Pointer(self._surface())
            self._root.add_widget(self._pointer)
        return self._pointer

    def _point(self, place: tuple[float, float] | None) -> None:
        if place is not None:
            self._pointed().point(place)
        elif self._pointer is not None:
            self._pointer.point(None)

    def _at(self, place: tuple[float, float]) -> Target | None:
        """What can be touched at a place of the sheet; the mark itself is not staff's to press."""
        sheet = self._sheet()
        if sheet is None:
            return None
        x, y = self._surface().point(place[0] * theme.WIDTH, place[1] * theme.HEIGHT)
        top = getattr(sheet, "topmost", sheet)
        return next((each for each in _targets(top) if each.enabled and each.collide_point(x, y)), None)

    def _share(self, target: Target) -> tuple[float, float, float, float]:
        box = target.box
        return box.x / theme.WIDTH, box.y / theme.HEIGHT, box.w / theme.WIDTH, box.h / theme.HEIGHT

    # The staff's picture ----------------------------------------------------------------------------------------

    def _staff_picture(self) -> StaffPicture | None:
        if self._mark is not None and self._mark.picture is not None:
            return self._mark.picture
        sheet = self._sheet()
        return None if sheet is None else next((w for w in sheet.walk() if isinstance(w, StaffPicture)), None)

    def _play(self, *, on: bool) -> None:
        if on and self._playing is None and self._feed is not None:
            self._playing = Clock.schedule_interval(self._refresh, 1 / _PICTURE_FPS)
        elif not on and self._playing is not None:
            self._playing.cancel()
            self._playing = None

    def _refresh(self, _: float) -> None:
        if not self._may(self._picture_waits):
            return
        self._picture_waits = time.monotonic()
        picture = self._staff_picture()
        if picture is not None and self._feed is not None:
            self._feed.poll()
            picture.refresh(self._feed.texture)

    # The screen's picture for staff -----------------------------------------------------------------------------

    def watch(self, watch: remote.Watch) -> None:
        """Begin or end to show the screen to staff."""
        if watch == self._watch:
            return
        self._watch = watch
        self._mirrored = ()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._notice_touches(on=self._shown is not None or watch.on)
        if watch.on:
            self._looking = Clock.schedule_interval(self._look, 1 / LOOKS)
            self._mirror()  # what may be seen has changed: at once

    def _look(self, _: float) -> None:
        if self._may(self._mirror_waits):
            self._mirror_waits = time.monotonic()
            self._mirror()

    def _mirror(self) -> None:
        send, sheet = self._bridge.on_mirror, self._sheet()
        if send is None or sheet is None or self._screen is None:
            return
        # A covering question, or something typed, changes the widgets on the sheet.
        facts = (sheet, sheet.state, self._screen.language, self._screen.modes, self._watch, _widgets(sheet))
        if facts == self._mirrored:
            return
        self._mirrored = facts
        scale = WIDTH / theme.WIDTH
        surface = self._surface().seen_by_staff(scale)
        if self._watch.private:
            surface = surface.shown_to_staff()
        mirror = sheet_for(surface, sheet.state)
        mirror.keep(sheet)
        shot = drawn(mirror, WIDTH, round(theme.HEIGHT * scale))
        send(shot.width, shot.height, shot.rgb)


def _targets(widget: Widget) -> Iterator[Target]:
    """All that can be touched, the topmost first."""
    for child in widget.children:
        yield from _targets(child)
    if isinstance(widget, Target):
        yield widget


def _widgets(sheet: Widget) -> tuple[int, ...]:
    """Stands for what is on a sheet."""
    return tuple(id(child) for child in sheet.children)
