import numpy as np
from numpy.typing import NDArray

def face_encodings(
    face_image: NDArray[np.uint8],
    known_face_locations: list[tuple[int, int, int, int]] | None = ...,
    num_jitters: int = ...,
    model: str = ...,
) -> list[NDArray[np.float64]]: ...
