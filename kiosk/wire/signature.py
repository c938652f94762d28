"""A signature as a picture, for a page of any size."""

from kiosk.wire.events import Signature


def svg(signed: Signature) -> str:
    """Draw a signature.

    Args:
        signed: From a submission's content.

    Returns:
        An SVG document without a size of its own: black lines on nothing.
    """
    lines = "".join(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in zip(stroke[::2], stroke[1::2], strict=True))}"/>'
        for stroke in signed.strokes
    )
    look = 'fill="none" stroke="black" stroke-width="14" stroke-linecap="round" stroke-linejoin="round"'
    box = f"0 0 {signed.width} {signed.height}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><g {look}>{lines}</g></svg>'
