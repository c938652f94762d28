"""Every sentence that is always the same: what clips are made of, or a recorded voice reads out."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

from kiosk.view.common import Language
from ui.language import speech
from ui.voice.script import ended, nameless

_HERE: Final = Path(__file__).parent
_FILES: Final = (*sorted(_HERE.glob("*.py")), _HERE.parent / "reasons.py", _HERE.parent / "services_words.py")
"""Where the voice takes its texts from."""


def _marked(path: Path) -> list[str]:
    """The texts that a file marks with `N_`, as gettext's own extraction finds them."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        marks = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
        if marks and isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            found.append(str(node.args[0].value))
    return found


@cache
def _sources() -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for path in _FILES for text in _marked(path)))


@cache
def phrases(language: Language) -> tuple[str, ...]:
    """The fixed sentences in one language, as `Script.tell` makes them.

    Args:
        language: in which they are.

    Returns:
        Each once; those that hold something which is known only at run time are left out.
    """
    say = speech(language)
    found = []
    for source in _sources():
        words = say(source)
        if "{name}" in source and source.count("{") == 1:
            words = nameless(words)
        if "{" not in words:
            found.append(ended(words, language))
    return tuple(dict.fromkeys(found))
