"""The face engines, by the name that the site file uses. Their weights are loaded in the vision process only."""

import hashlib
import importlib.util
from pathlib import Path

from kiosk.vision.faces import Bands, EngineCard, EngineError, FaceEngine
from kiosk.vision.rates import lowest_similarity

STRANGERS_ACCEPTED = 1e-3
"""At most this share of comparisons of strangers may be accepted, East Asian people and cards' photos included."""

CARDS = {
    card.name: card
    for card in (
        EngineCard(
            "sface",
            "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            # By the shipped table: 0.40. Below it staff compare, down to where only they could tell.
            Bands(accept=lowest_similarity(STRANGERS_ACCEPTED), staff=0.33),
        ),
        EngineCard(
            "dlib",
            "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
            # 1 - distance. At the library's own limit of 0.6 it takes 37.8 % of East Asian strangers for the person:
            # never alone, so the best it can say is that staff should compare.
            Bands(accept=None, staff=0.40),
        ),
    )
}


def open_engine(name: str) -> FaceEngine:
    """Load an engine and its weights.

    Raises:
        EngineError: there is none of that name, or its weights are missing or altered.
    """
    match name:
        case "sface":
            from kiosk.vision.engines.sface import SFace  # noqa: PLC0415  loads OpenCV, here only

            return SFace()
        case "dlib":
            from kiosk.vision.engines.dlib_engine import Dlib  # noqa: PLC0415  loads dlib, 100 MB, only when wanted

            return Dlib()
    raise EngineError(f"no face engine is called {name!r}")


def weights(package: str, name: str, sha256: str) -> str:
    """The path of a weights file inside an installed package, which is not imported.

    Raises:
        EngineError: it is missing, or it is not the one expected.
    """
    spec = importlib.util.find_spec(package)
    for place in [] if spec is None else spec.submodule_search_locations or ():
        path = Path(place) / "models" / name
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                raise EngineError(f"{name} of the package {package} is not the one expected")
            return str(path)
    raise EngineError(f"the package {package} with {name} is not installed")
