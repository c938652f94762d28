"""The live picture: its texture, the view of it with an oval or a page outline, and the pattern staff see instead."""

import math

from kivy.graphics import Color, Mesh, Rectangle, SmoothLine
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from kiosk.view.screen import Picture
from ui import theme
from ui.surface import Box, Surface


class Feed:
    """Keeps the newest picture in a texture. Used on the Kivy thread only."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._last: bytes | None = None
        self.texture: Texture | None = None

    def poll(self) -> bool:
        """Fetch the newest picture; True when there is another one than before."""
        found = self._picture.newest()
        if found is None or found[2] is self._last:
            return False
        width, height, pixels = found
        if len(pixels) != width * height * 3 or width < 1 or height < 1:
            return False
        self._last = pixels
        if self.texture is None or self.texture.size != (width, height):
            self.texture = Texture.create(size=(width, height), colorfmt="rgb")
        self.texture.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
        return True

    def forget(self) -> None:
        """Drop the picture: the next person must not see the one before."""
        self.texture = None
        self._last = None


class CameraView(Widget):
    """The live picture, filling its box; what is too much on two sides is left out.

    Args:
        surface: where it is drawn; a discreet one gets the pattern.
        box: its place.
        mirrored: as in a mirror, which a face expects and a paper does not.

    Attributes:
        live: the rectangle that carries the camera's texture; None on a discreet surface.
    """

    def __init__(self, surface: Surface, box: Box, *, mirrored: bool) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface = surface
        self._box = box
        self._mirrored = mirrored
        self._shape: tuple[int, int] | None = None
        self.live: Rectangle | None = None
        with self.canvas:
            Color(*theme.BLUE_TINT)
            Rectangle(pos=self.pos, size=self.size)
            if surface.discreet:
                self._pattern()
            else:
                self._tint = Color(*theme.CLEAR)
                self.live = Rectangle(pos=self.pos, size=self.size)

    def _pattern(self) -> None:
        """Quiet stripes: there is a camera here, and what it sees is nobody's business."""
        Color(*theme.BLUE_TINT_PRESSED)
        step = self._surface.px(56)
        place = -self.height
        while place < self.width:
            start, end = max(0.0, place), min(self.width, place + self.height)
            SmoothLine(
                points=[self.x + start, self.y + start - place, self.x + end, self.y + end - place],
                width=max(1.0, self._surface.px(3)),
            )
            place += step

    @property
    def empty(self) -> bool:
        """Whether there is no picture in it."""
        return self._shape is None

    def refresh(self, texture: Texture | None) -> None:
        """Show a texture, newly blitted or another one; None shows the empty ground."""
        if self.live is None:
            return
        if texture is None:
            self._tint.rgba = theme.CLEAR
            self.live.texture = None
            self._shape = None
            return
        if self.live.texture is not texture:
            self.live.texture = texture
            self._tint.rgba = theme.WHITE
            self.live.tex_coords = self._crop(*texture.size)
            self._shape = texture.size
        self.canvas.ask_update()

    def _crop(self, width: int, height: int) -> tuple[float, ...]:
        across, down = self._shares(width, height)
        left, right = (1 - across) / 2, (1 + across) / 2
        top, bottom = (1 - down) / 2, (1 + down) / 2
        if self._mirrored:
            left, right = right, left
        # The buffer's first row is the picture's top: the lower corners take the larger coordinate.
        return left, bottom, right, bottom, right, top, left, top

    def _shares(self, width: int, height: int) -> tuple[float, float]:
        """Which share of the picture's width and height is shown."""
        picture, place = width / height, self._box.w / self._box.h
        return (place / picture, 1.0) if picture > place else (1.0, picture / place)

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the picture (shares of width and height, from top left) is in the window, in pixels."""
        across, down = self._shares(*(self._shape or (int(self._box.w), int(self._box.h))))
        x = 0.5 + (x - 0.5) / across
        y = 0.5 + (y - 0.5) / down
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        return self.x + (1 - x if self._mirrored else x) * self.width, self.y + (1 - y) * self.height


class Oval(Widget):
    """A guide for the face: what is outside is veiled."""

    def __init__(self, surface: Surface, box: Box, oval: Box, colour: theme.Colour) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        x, y = surface.point(oval.x + oval.w / 2, oval.y + oval.h / 2)
        across, rise = surface.px(oval.w / 2), surface.px(oval.h / 2)
        ring: list[tuple[float, float]] = []
        veil: list[float] = []
        for step in range(97):
            sine, cosine = math.sin(math.tau * step / 96), math.cos(math.tau * step / 96)
            inner = (x + across * cosine, y + rise * sine)
            # Outward along the ray until an edge of the box.
            reach = min(
                (self.right - x if cosine > 0 else x - self.x) / abs(cosine) if abs(cosine) > 1e-6 else math.inf,
                (self.top - y if sine > 0 else y - self.y) / abs(sine) if abs(sine) > 1e-6 else math.inf,
            )
            ring.append(inner)
            veil += [*inner, 0.0, 0.0, x + reach * cosine, y + reach * sine, 0.0, 0.0]
        corners = [(self.x, self.y), (self.right, self.y), (self.right, self.top), (self.x, self.top)]
        with self.canvas:
            Color(*theme.PAPER[:3], 0.62)
            Mesh(vertices=veil, indices=list(range(len(veil) // 4)), mode="triangle_strip")
            for corner in corners:
                self._corner(corner, (x, y))
            Color(*colour)
            SmoothLine(points=[number for point in ring[:-1] for number in point], width=surface.px(4), close=True)

    def _corner(self, corner: tuple[float, float], middle: tuple[float, float]) -> None:
        """The veil's strip runs from ray to ray and leaves a sliver at each corner."""
        ahead = [math.tau * step / 96 for step in range(97)]
        angle = math.atan2(corner[1] - middle[1], corner[0] - middle[0]) % math.tau
        before = max(value for value in ahead if value <= angle)
        after = min(value for value in ahead if value >= angle)
        if before == after:
            return
        vertices: list[float] = [*corner, 0.0, 0.0]
        for value in (before, after):
            sine, cosine = math.sin(value), math.cos(value)
            reach = min(
                (self.right - middle[0] if cosine > 0 else middle[0] - self.x) / abs(cosine),
                (self.top - middle[1] if sine > 0 else middle[1] - self.y) / abs(sine),
            )
            vertices += [middle[0] + reach * cosine, middle[1] + reach * sine, 0.0, 0.0]
        Mesh(vertices=vertices, indices=[0, 1, 2], mode="triangle_fan")


class PageOutline(Widget):
    """The page's outline on the live picture; `set` changes it in place."""

    def __init__(self, surface: Surface, view: CameraView) -> None:
        super().__init__(size_hint=(None, None), pos=view.pos, size=view.size)
        self._view = view
        with self.canvas:
            self._ink = Color(*theme.CLEAR)
            self._line = SmoothLine(points=[], width=surface.px(5), close=True)

    def set(self, corners: tuple[tuple[float, float], ...] | None, colour: theme.Colour) -> None:
        """Draw it; None shows nothing.

        Args:
            corners: shares of the picture's width and height, clockwise from top left.
            colour: blue when good, amber otherwise.
        """
        if corners is None or len(corners) < 3:
            self._ink.rgba = theme.CLEAR
            self._line.points = []
            return
        self._ink.rgba = colour
        self._line.points = [number for corner in corners for number in self._view.spot(*corner)]
