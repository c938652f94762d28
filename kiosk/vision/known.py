"""Who is known to the vision process: those who agreed to be recognised, and nobody else."""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from drivers.kinds import Frame
from kiosk.vision import messages
from kiosk.vision.faces import Embedding
from kiosk.vision.frames import Ring
from kiosk.vision.gallery import NUMBERS, Consent, Gallery, Search
from kiosk.vision.observation import FaceProblem, Recognition

Serving = Callable[[Frame], tuple[FaceProblem, Embedding | None]]
"""The nearest face of a picture in numbers, where the picture serves for comparing."""
Accepts = Callable[[Embedding, Embedding], bool]
"""Whether two faces are one person's, by the engine's table."""


class Known:
    """A gallery and what is asked of it. One thread.

    Args:
        ring: where pictures come from.
        serving: finds the face of a picture.
        accepts: compares two.
    """

    def __init__(self, ring: Ring, serving: Serving, accepts: Accepts) -> None:
        self._ring, self._serving, self._accepts = ring, serving, accepts
        self._gallery = Gallery(0, 0.0)

    def know(self, request: messages.KnowFaces) -> messages.FacesKnown:
        """Know these instead of those before; whoever the gallery does not take is not known, and the count says so."""
        self._gallery.close()
        self._gallery = Gallery(request.most, request.rate)
        for face in request.faces:
            if len(face.template) == NUMBERS * 4:
                template = np.frombuffer(face.template, "<f4").astype(np.float32)
                self._gallery.add(face.key, template, Consent(face.consent, face.expires), request.now)
        return messages.FacesKnown(request.number, len(self._gallery), self._gallery.capacity)

    def recognise(self, request: messages.Recognise) -> messages.Reply:
        """Say who of those the newest picture shows."""
        frame = self._ring.copy()
        if frame is None:
            return messages.NoPicture(request.number)
        problem, embedding = self._serving(frame)
        key, rate = ("", 0.0) if embedding is None else self._search(embedding, request.now)
        return messages.Recognised(request.number, Recognition(frame.number, problem, key, rate))

    def take_template(self, number: int, reference: Embedding | None) -> messages.Reply:
        """Make a template of the newest picture, if it shows whom the reference shows."""
        frame = self._ring.copy()
        if frame is None:
            return messages.NoPicture(number)
        _, embedding = self._serving(frame)
        same = embedding is not None and reference is not None and self._accepts(embedding, reference)
        template = embedding.astype("<f4").tobytes() if embedding is not None and same else b""
        return messages.TemplateTaken(number, frame.number, template)

    def template(self, key: str) -> Embedding | None:
        """The template of somebody who is known."""
        return self._gallery.template(key)

    def _search(self, embedding: Embedding, now: datetime) -> tuple[str, float]:
        found = self._gallery.search(embedding, now)
        return (found.key or "", found.rate or 0.0) if found.outcome is Search.MATCH else ("", 0.0)
