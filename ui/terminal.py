"""The Kivy application around the stage."""

import gc

from kivy.app import App
from kivy.uix.widget import Widget

from kiosk.view.screen import Picture
from ui.bridge import Bridge
from ui.fonts import register_fonts
from ui.options import Options
from ui.stage import Stage


class Terminal(App):
    """Runs the screens of one role until the bridge stops them."""

    def __init__(self, role: str, bridge: Bridge, picture: Picture | None, options: Options) -> None:
        super().__init__()
        self._bridge = bridge
        self._stage = _AppStage(self, role, bridge, picture, options)

    def build(self) -> Widget | None:
        """Put the stage on the window; the app itself has no other root."""
        self._stage.enter()
        return None

    def open_settings(self, *_: object) -> bool:
        """Kivy's settings panel is no business of a citizen."""
        return False

    def on_stop(self) -> None:
        """The stage ends with the app."""
        self._stage.leave()


class _AppStage(Stage):
    def __init__(self, app: App, role: str, bridge: Bridge, picture: Picture | None, options: Options) -> None:
        super().__init__(role, bridge, picture, options)
        self._app = app

    def stop(self) -> None:
        self._app.stop()


def run_terminal(role: str, bridge: Bridge, picture: Picture | None, options: Options) -> None:
    """Run the application on this thread.

    Raises:
        FontsMissingError: a font file is not there.
    """
    register_fonts()
    terminal = Terminal(role, bridge, picture, options)
    # What is there now stays. Looked through again and again, it would stop the screens for 0.1 s each time.
    gc.freeze()
    terminal.run()
