from collections.abc import Callable
from enum import Enum

class Engine(Enum):
    internal = ...
    pikepdf = ...
    pdfrw = ...

class ImageOpenError(Exception): ...
class PdfTooLargeError(Exception): ...

# width and height in pixels and dots an inch, to the page's and the picture's width and height in points
LayoutFunction = Callable[[int, int, tuple[float, float]], tuple[float, float, float, float]]

def convert(
    *images: bytes,
    layout_fun: LayoutFunction = ...,
    nodate: bool = ...,
    engine: Engine | None = ...,
) -> bytes: ...
