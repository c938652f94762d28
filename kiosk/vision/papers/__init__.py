"""Finds a page in a picture of the desk and crops it. Pure functions on arrays.

Edges at several levels in several channels, what is new since the desk was empty, and a small network of our own each
propose quadrilaterals; all are weighed by the edges along their sides, by the network and by what is new; the best are
fitted in the full picture and weighed again. A dark, matt mat makes it easy; white paper on a white desk without a
picture of the empty desk is the hard case (docs/decisions/0012).
"""

from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperPage
from kiosk.vision.papers.crop import paper_page, straightened
from kiosk.vision.papers.empty import EmptyDesk
from kiosk.vision.papers.empty_kept import KeptDesk
from kiosk.vision.papers.finding import Found, find
from kiosk.vision.papers.geometry import Corners

__all__ = ["Corners", "EmptyDesk", "Found", "KeptDesk", "find", "page", "paper_page", "straightened"]


def page(image: Image, found: Found, number: int) -> PaperPage:
    """Crop and straighten a found page."""
    return paper_page(straightened(image, found.corners), number)
