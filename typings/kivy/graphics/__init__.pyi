from collections.abc import Sequence

from kivy.graphics.texture import Texture

_Pair = tuple[float, float]

class Instruction: ...

class Canvas(Instruction):
    before: Canvas
    after: Canvas
    def __enter__(self) -> Canvas: ...
    def __exit__(self, *args: object) -> None: ...
    def add(self, c: Instruction) -> None: ...
    def remove(self, c: Instruction) -> None: ...
    def ask_update(self) -> None: ...

class Color(Instruction):
    rgba: tuple[float, float, float, float]
    def __init__(self, r: float, g: float, b: float, a: float) -> None: ...

class Rectangle(Instruction):
    pos: _Pair
    size: _Pair
    texture: Texture | None
    tex_coords: tuple[float, ...]
    def __init__(self, *, pos: _Pair, size: _Pair, texture: Texture | None = None) -> None: ...

class SmoothRoundedRectangle(Instruction):
    pos: _Pair
    size: _Pair
    def __init__(self, *, pos: _Pair, size: _Pair, radius: Sequence[float]) -> None: ...

class SmoothEllipse(Instruction):
    pos: _Pair
    size: _Pair
    def __init__(self, *, pos: _Pair, size: _Pair) -> None: ...

class SmoothLine(Instruction):
    points: Sequence[float]
    def __init__(
        self,
        *,
        points: Sequence[float] = ...,
        circle: tuple[float, ...] = ...,
        rounded_rectangle: tuple[float, ...] = ...,
        width: float = 1.0,
        close: bool = False,
    ) -> None: ...

class Mesh(Instruction):
    def __init__(self, *, vertices: Sequence[float], indices: Sequence[int], mode: str) -> None: ...

class BorderImage(Instruction):
    pos: _Pair
    size: _Pair
    texture: Texture | None
    def __init__(self, *, border: tuple[int, int, int, int]) -> None: ...

class ClearColor(Instruction):
    rgba: tuple[float, float, float, float]
    def __init__(self, r: float, g: float, b: float, a: float) -> None: ...

class ClearBuffers(Instruction): ...
