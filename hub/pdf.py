"""Whether a PDF from outside is only pages: nothing that runs, nothing that hides."""

from collections.abc import Iterable
from typing import Final

import pikepdf

FORBIDDEN: Final = frozenset({"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA"})
_DEEPEST: Final = 50


def forbidden_in(pdf: pikepdf.Pdf, forbidden: frozenset[str] = FORBIDDEN) -> str:
    """The first forbidden name in any object, without its slash; empty where there is none.

    Args:
        pdf: Opened.
        forbidden: Names, as keys, or as the kind or type of an object.
    """
    for each in pdf.objects:
        found = _search(each, forbidden, 0)
        if found:
            return found.lstrip("/")
    return ""


def _search(item: pikepdf.Object, forbidden: frozenset[str], depth: int) -> str:
    """In one object and the direct ones inside it; what it refers to is an object of its own."""
    if depth > _DEEPEST:
        return "/Launch"  # no page is nested like that
    inside: Iterable[pikepdf.Object]
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        keys = {*item.keys()}
        names = {str(item[each]) for each in ("/S", "/Type") if isinstance(item.get(each), pikepdf.Name)}
        if found := min(forbidden & (keys | names), default=""):
            return found
        inside = (item[key] for key in keys)
    elif isinstance(item, pikepdf.Array):
        inside = iter(item)
    else:
        return ""
    for each in inside:
        if not getattr(each, "is_indirect", True):
            found = _search(each, forbidden, depth + 1)
            if found:
                return found
    return ""
