"""A signature as a picture, for a page of any size."""

from typing import Final

from kiosk.wire.events import Signature, SignedBy

_CONFIRMED: Final = {
    SignedBy.CARD: "未手写签名：本人再次放置身份证确认",
    SignedBy.NUMBER: "未手写签名：本人输入证件号码末四位确认",
}


def svg(signed: Signature) -> str:
    """Draw a signature.

    Args:
        signed: From a submission's content.

    Returns:
        An SVG document without a size of its own: black lines on nothing; words where nothing was written by hand.
    """
    if signed.how is not SignedBy.WRITTEN:
        words = f'<text x="20" y="70" font-size="40">{_CONFIRMED[signed.how]}</text>'
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 110">{words}</svg>'
    lines = "".join(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in zip(stroke[::2], stroke[1::2], strict=True))}"/>'
        for stroke in signed.strokes
    )
    look = 'fill="none" stroke="black" stroke-width="14" stroke-linecap="round" stroke-linejoin="round"'
    box = f"0 0 {signed.width} {signed.height}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><g {look}>{lines}</g></svg>'
