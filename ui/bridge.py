"""Between the core thread and the screens: screens go one way, touches and pictures for staff the other."""

import threading
from collections import deque
from collections.abc import Callable

from kiosk.view.help import Guide, Watch
from kiosk.view.screen import Screen, Touch


class Bridge:
    """Hands screens to Kivy's thread, the latest wins, and touches back.

    Args:
        on_touch: called on Kivy's thread with each touch; it has to be quick.
        on_snapshot: called on Kivy's thread with a PNG of the screen, 360 pixels wide, without camera picture and
            personal fields; None when nobody wants it.
    """

    def __init__(self, on_touch: Callable[[Touch], None], on_snapshot: Callable[[bytes], None] | None = None) -> None:
        self.on_touch = on_touch
        self.on_snapshot = on_snapshot
        self.on_mirror: Callable[[int, int, bytes], None] | None = None
        """Called on Kivy's thread with width, height and RGB bytes of the screen as remote staff may see it."""
        self.on_marked: Callable[[tuple[float, float, float, float] | None], None] | None = None
        """Called on Kivy's thread with what staff marked or pressed: x, y, width and height as shares of the screen."""
        self._guides: deque[Guide | Watch] = deque(maxlen=64)
        self._lock = threading.Lock()
        self._latest: Screen | None = None
        self._wake: Callable[[], None] | None = None
        self._stopping = False
        self._drawn = -1
        self._changed = threading.Condition(self._lock)

    def show(self, screen: Screen) -> None:
        """Show a screen soon. From any thread; one that was not drawn yet is skipped when another follows."""
        with self._lock:
            self._latest = screen
            wake = self._wake
            if wake is not None:
                # Within the lock: Kivy's triggers may not be called from two threads at once.
                wake()

    def guide(self, what: Guide | Watch) -> None:
        """Show where staff point, or begin to show them the screen. From any thread; of two points the later wins."""
        with self._lock:
            last = self._guides[-1] if self._guides else None
            if (
                isinstance(last, Guide)
                and last.point is not None
                and isinstance(what, Guide)
                and what.point is not None
            ):
                self._guides.pop()
            self._guides.append(what)
            if self._wake is not None:
                self._wake()

    def stop(self) -> None:
        """End the screens. From any thread, more than once is safe, and before they run as well."""
        with self._lock:
            self._stopping = True
            if self._wake is not None:
                self._wake()

    @property
    def drawn(self) -> int:
        """Number of the screen that was drawn last; -1 before the first."""
        with self._lock:
            return self._drawn

    def wait_drawn(self, number: int, timeout: float) -> bool:
        """Wait until a screen of this number or a later one is drawn.

        Args:
            number: of the screen.
            timeout: seconds.

        Returns:
            Whether it was.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._drawn >= number, timeout)

    # For the screens' side --------------------------------------------------------------------------------------

    def attach(self, wake: Callable[[], None] | None) -> None:
        """Tell how Kivy's thread is woken; None when it ends."""
        with self._lock:
            self._wake = wake
            if wake is not None and (self._latest is not None or self._stopping):
                wake()

    def take(self) -> Screen | None:
        """The latest screen, once."""
        with self._lock:
            screen, self._latest = self._latest, None
            return screen

    def take_guides(self) -> list[Guide | Watch]:
        """What staff have done since, once."""
        with self._lock:
            found = list(self._guides)
            self._guides.clear()
            return found

    def tell_marked(self, box: tuple[float, float, float, float] | None) -> None:
        """Something was marked or pressed for staff; None: there was nothing."""
        if self.on_marked is not None:
            self.on_marked(box)

    @property
    def stopping(self) -> bool:
        """Whether the screens are to end."""
        with self._lock:
            return self._stopping

    def tell_drawn(self, number: int) -> None:
        """A screen was drawn."""
        with self._changed:
            self._drawn = number
            self._changed.notify_all()
