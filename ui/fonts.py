"""Make Kivy know our fonts."""

from kivy.core.text import LabelBase

from ui import text


def register_fonts() -> None:
    """Register every font of the chain.

    Raises:
        FontsMissingError: a file is not there.
    """
    for face in text.FACES:
        path = text.FONTS / face.file
        if not path.is_file():
            raise text.FontsMissingError(f"font {face.file} is missing: run make to fetch it")
        LabelBase.register(face.name, str(path))
