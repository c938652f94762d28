"""The screens: touch to finished frame, screen to screen, cold start, idleness, memory; beside a bare Kivy app.

Everything is drawn by software at 540 x 960, while a camera fills the ring and the vision process looks at each
picture, as in a gate. While somebody types, the camera works on though its picture is not shown; one row
is measured on the live picture. Touches come through SDL's own queue, at moments that have nothing to do with
the frames. A frame counts as finished when the graphics library says so (`glFinish`), not when it was asked for.

Processes of their own: the product, the bare app (six labels, six buttons, the same touches), and cold starts; those of
`program` are the whole of `kiosk run`, devices, camera and vision process included.
"""

import json
import sys

import anyio

from benchmarks import ui_start


async def _child(module: str, *arguments: int) -> dict[str, object]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    result = await anyio.run_process(command, stderr=None)
    figures: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return figures


async def measure(touches: int, sessions: int) -> dict[str, object]:
    """Measure.

    Args:
        touches: of each kind.
        sessions: that come and go before the memory is read the last time.

    Returns:
        Figures of the product and of the bare app; times of frames in milliseconds, of starts in seconds.
    """
    bare = await _child("benchmarks.ui_bare", touches)
    product = await _child("benchmarks.ui_product", touches, sessions)
    return {
        "window": "540x960 off-screen, software GL, beside camera and vision process",
        "product": product | {"cold_start_s": await ui_start.screens(), "program_start_s": await ui_start.program()},
        "bare_kivy": bare | {"cold_start_s": await ui_start.bare()},
    }
