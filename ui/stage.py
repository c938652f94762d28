"""The root of the window: it draws the last screen, sends touches, and never falls over."""

import logging
import time
from collections import deque
from dataclasses import replace
from functools import partial

from kivy.base import EventLoop, ExceptionHandler, ExceptionManager
from kivy.clock import Clock, ClockEvent
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.view import desk, gate
from kiosk.view.common import Cause, Language, Modes, OutOfService
from kiosk.view.help import Watch
from kiosk.view.screen import Intent, Picture, Screen, Touch, place_of
from kiosk.view.technician import Open
from ui import theme
from ui.bridge import Bridge
from ui.gesture import Gesture
from ui.helped import Helped
from ui.keypad import Keypad
from ui.notice import Notices
from ui.options import Options
from ui.screens import AnySheet, sheet_for
from ui.snapshot import for_staff
from ui.surface import Surface
from ui.touch_map import TouchMap
from ui.widgets.camera_view import Feed
from ui.widgets.text import LATELY

_log = logging.getLogger(__name__)
_STARTING = OutOfService(Cause.STARTING)
_FAULT = OutOfService(Cause.FAULT)


class _Contained(ExceptionHandler):
    """Whatever is raised in a callback of Kivy ends here, not the program."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    def handle_exception(self, error: BaseException) -> int:
        """Log it, say that the terminal is out of service, go on."""
        if not isinstance(error, Exception):
            return int(ExceptionManager.RAISE)
        _log.error("an error in the screens was contained", exc_info=error)
        self._stage.fail()
        return int(ExceptionManager.PASS)


class Stage(Widget):
    """Draws screens.

    Args:
        role: `gate` or `desk`.
        bridge: where screens come from and touches go.
        picture: the camera's newest picture, None where there is no camera.
        options: settings.

    Attributes:
        screen: what is shown.
        sheet: the widget that shows it.
        failures: how often drawing failed.
    """

    def __init__(self, role: str, bridge: Bridge, picture: Picture | None, options: Options) -> None:
        super().__init__(size_hint=(None, None))
        self._bridge = bridge
        self._options = options
        self._feed = None if picture is None else Feed(picture)
        self._hall = options.hall
        self.screen = Screen(role, _STARTING, Language.ZH_HANS, Modes(), number=0)
        self.sheet: AnySheet | None = None
        self.failures = 0
        self._going: deque[AnySheet] = deque(maxlen=4)
        self._preview: ClockEvent | None = None
        self._pictured: Screen | None = None
        self._trigger = Clock.create_trigger(self._arrived)
        self._minute = Clock.create_trigger(self._ticked, self._to_next_minute())
        self._snapshot = Clock.create_trigger(self._take_snapshot, options.snapshot_every)
        self._first_snapshot = Clock.create_trigger(self._take_snapshot, 0)
        self._handler = _Contained(self)
        self._gesture = Gesture()
        self._touch_map = None if options.touch_map is None else TouchMap(options.touch_map, lambda: Window.size)
        self._keypad = Keypad(self, self._read_out)
        self._notices = Notices(self)
        self._helped = Helped(self, bridge, self.surface, lambda: self.sheet, options.staff_picture)

    # Life -------------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Begin: on the window, woken by the bridge."""
        Window.clearcolor = theme.PAPER
        Window.bind(on_resize=self._resized, on_key_down=self._keyed)
        Window.add_widget(self)
        if self._touch_map is not None:
            EventLoop.add_postproc_module(self._touch_map)
        ExceptionManager.add_handler(self._handler)
        self._draw()
        self._minute()
        self._bridge.attach(self._trigger)

    def leave(self) -> None:
        """End: nothing is called any more."""
        self._bridge.attach(None)
        for event in (self._trigger, self._minute, self._snapshot, self._first_snapshot):
            event.cancel()
        self._watch(live=False)
        ExceptionManager.remove_handler(self._handler)
        Window.unbind(on_resize=self._resized, on_key_down=self._keyed)
        self._keypad.leave()
        self._helped.leave()
        Window.remove_widget(self)
        if self._touch_map is not None:
            EventLoop.remove_postproc_module(self._touch_map)

    def stop(self) -> None:
        """Called when the bridge says so; the app overrides what ending means."""

    # Screens ----------------------------------------------------------------------------------------------------

    def _arrived(self, _: float) -> None:
        if self._bridge.stopping:
            self.stop()
            return
        screen = self._bridge.take()
        if screen is not None:
            self.show(screen)
        for what in self._bridge.take_guides():
            if isinstance(what, Watch):
                self._helped.watch(what)
            else:
                self._helped.guide(what)

    def show(self, screen: Screen) -> None:
        """Show a screen now, on Kivy's thread."""
        before, self.screen = self.screen, screen
        if isinstance(screen.state, gate.Welcome | desk.Start):
            self._hall = screen.state.hall
        same = (
            self.sheet is not None
            and type(before.state) is type(screen.state)
            and (before.language, before.modes, before.sound) == (screen.language, screen.modes, screen.sound)
        )
        if not (same and self.sheet is not None and self.sheet.take(screen.state)):
            self._draw()
        self._notices.show(screen, self.surface())
        self._helped.show(screen)
        self._bridge.tell_drawn(screen.number)
        self._want_snapshot()

    def surface(self) -> Surface:
        """Where and how the present screen is drawn."""
        width, height = Window.size
        scale = min(width / theme.WIDTH, height / theme.HEIGHT)
        return Surface(
            scale=scale,
            now=self._options.now,
            language=self.screen.language,
            modes=self.screen.modes,
            mounting=self._options.mounting,
            sound=self.screen.sound,
            origin=(round((width - theme.WIDTH * scale) / 2), round((height - theme.HEIGHT * scale) / 2)),
            send=partial(self._send, place_of(self.screen.state)),
            hall=self._hall,
            places=self._options.places,
        )

    def _draw(self) -> None:
        before = self.sheet
        if before is None or place_of(before.state) != place_of(self.screen.state):
            LATELY.turn()
        try:
            sheet = sheet_for(self.surface(), self.screen.state)
            if before is not None:
                sheet.keep(before)
                if before.setting_sound and place_of(before.state) == place_of(sheet.state):
                    sheet.set_sound()
        except Exception:  # noqa: BLE001  whatever a screen does wrong, the terminal says so and goes on
            self.failures += 1
            _log.exception("a screen could not be drawn")
            sheet = sheet_for(self.surface(), _FAULT)
        self.clear_widgets()
        # A finger may still be down on the sheet that goes: Kivy holds it weakly, so it is kept while the place is.
        if before is None or place_of(before.state) != place_of(sheet.state):
            self._going.clear()
        else:
            self._going.append(before)
        self.sheet = sheet
        if isinstance(sheet.state, gate.Welcome | desk.Start):
            LATELY.forget()
        self.add_widget(sheet)
        self._keypad.show(sheet)
        self._watch(live=sheet.camera is not None)

    def fail(self) -> None:
        """Something went wrong in a callback: say so until the next screen comes."""
        self.failures += 1
        self.screen = replace(self.screen, state=_FAULT)
        self._draw()
        self._want_snapshot()

    def _send(self, place: str, intent: Intent) -> None:
        # A finger that went down on another screen meant something else.
        if place != place_of(self.screen.state):
            return
        self._bridge.on_touch(Touch(intent, self.screen.number))

    def _read_out(self, intent: Intent) -> None:
        self._bridge.on_touch(Touch(intent, self.screen.number))

    def _keyed(self, _: object, key: int, __: int = 0, character: str | None = None, ___: object = None) -> bool:
        return self._keypad.press(key, character)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Whoever touches needs no ring."""
        self._keypad.hide()
        if self._gesture.down(*self._place(touch), time.monotonic()):
            self._bridge.on_touch(Touch(Open(), self.screen.number))
            return True
        return bool(super().on_touch_down(touch))

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """The technician's gesture is followed over all screens."""
        if touch.grab_current is None:
            self._gesture.up(*self._place(touch), time.monotonic())
        return bool(super().on_touch_up(touch))

    def _place(self, touch: MotionEvent) -> tuple[float, float]:
        """Where a finger is, in design units from the upper left corner."""
        surface = self.surface()
        left, low = surface.origin
        x, y = touch.pos
        return (x - left) / surface.scale, theme.HEIGHT - (y - low) / surface.scale

    def _resized(self, *_: object) -> None:
        self._draw()

    # The camera -------------------------------------------------------------------------------------------------

    def _watch(self, *, live: bool) -> None:
        if self._feed is None:
            return
        if live:
            self._look(0)
            if self._preview is None:
                self._preview = Clock.schedule_interval(self._look, 1 / self._options.preview_fps)
        else:
            if self._preview is not None:
                self._preview.cancel()
                self._preview = None
            self._feed.forget()

    def _look(self, _: float) -> None:
        if self._feed is None or self.sheet is None or self.sheet.camera is None:
            return
        try:
            if self._feed.poll() or self.sheet.camera.empty:
                self.sheet.camera.refresh(self._feed.texture)
        except Exception:  # noqa: BLE001  without a live picture the screen still says what to do
            _log.exception("the live picture failed")
            self._feed = None
            if self._preview is not None:
                self._preview.cancel()
                self._preview = None

    # The clock and the picture for staff ------------------------------------------------------------------------

    def _to_next_minute(self) -> float:
        moment = self._options.now()
        return 60.05 - moment.second - moment.microsecond / 1e6

    def _ticked(self, _: float) -> None:
        if self.sheet is not None:
            self.sheet.tick()
        self._minute.timeout = self._to_next_minute()
        self._minute()

    def _want_snapshot(self) -> None:
        if self._bridge.on_snapshot is None or self._snapshot.is_triggered:
            return
        self._first_snapshot()

    def _take_snapshot(self, _: float) -> None:
        take = self._bridge.on_snapshot
        if take is None or self._pictured is self.screen:
            return
        self._pictured = self.screen
        # The next one not before its time; it is taken only when the screen has changed by then.
        self._snapshot()
        take(for_staff(self.surface(), self.screen.state))
