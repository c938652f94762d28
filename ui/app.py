"""Run the screens. Importing this does not import Kivy; running it does, once in a process, on the main thread."""

from kiosk.view.screen import Picture
from ui.bridge import Bridge
from ui.options import Options, WindowMode
from ui.prepare import NoWindowError, prepare, window_ready
from ui.surface import Mounting, Places, Toward

__all__ = ["Bridge", "Mounting", "NoWindowError", "Options", "Places", "Toward", "WindowMode", "run"]


def run(role: str, bridge: Bridge, picture: Picture | None, options: Options) -> None:
    """Show screens until `bridge.stop()`; blocks the main thread.

    Args:
        role: `gate` or `desk`.
        bridge: where screens come from and touches go.
        picture: the camera's newest picture, None where there is no camera.
        options: settings.

    Raises:
        NoWindowError: there is nothing to draw on.
        FontsMissingError: a font file is not there.
        RuntimeError: Kivy was imported before.
    """
    prepare(options)
    window_ready()
    from ui.terminal import run_terminal  # noqa: PLC0415  Kivy reads its configuration when it is imported

    run_terminal(role, bridge, picture, options)
