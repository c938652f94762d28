from kivy.graphics.texture import Texture

class LabelBase:
    texture: Texture
    def __init__(
        self, *, text: str, font_name: str, font_size: float, halign: str, color: tuple[float, ...]
    ) -> None: ...
    def refresh(self) -> None: ...
    @staticmethod
    def register(name: str, fn_regular: str) -> None: ...
