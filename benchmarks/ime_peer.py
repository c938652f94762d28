"""librime, where Debian's librime1 and a schema are installed: the peer that the input engine is compared with."""

import contextlib
import ctypes
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_SHARED: Final = Path("/usr/share/rime-data")
_SCHEMA: Final = b"luna_pinyin_simp"
_LIBRARY: Final = "librime.so.1"


class _Traits(ctypes.Structure):
    """`RimeTraits` of rime_api.h (1.8)."""

    _fields_ = (
        ("data_size", ctypes.c_int),
        ("shared_data_dir", ctypes.c_char_p),
        ("user_data_dir", ctypes.c_char_p),
        ("distribution_name", ctypes.c_char_p),
        ("distribution_code_name", ctypes.c_char_p),
        ("distribution_version", ctypes.c_char_p),
        ("app_name", ctypes.c_char_p),
        ("modules", ctypes.c_void_p),
        ("min_log_level", ctypes.c_int),
        ("log_dir", ctypes.c_char_p),
        ("prebuilt_data_dir", ctypes.c_char_p),
        ("staging_dir", ctypes.c_char_p),
    )


class _Candidate(ctypes.Structure):
    """`RimeCandidate`."""

    _fields_ = (("text", ctypes.c_char_p), ("comment", ctypes.c_char_p), ("reserved", ctypes.c_void_p))


class _Listed(ctypes.Structure):
    """`RimeCandidateListIterator`."""

    _fields_ = (("ptr", ctypes.c_void_p), ("index", ctypes.c_int), ("candidate", _Candidate))


class Rime:
    """One session of librime.

    Args:
        library: the loaded library.
        folder: where it may write.
    """

    def __init__(self, library: ctypes.CDLL, folder: str) -> None:
        self._library = library
        library.RimeCreateSession.restype = ctypes.c_size_t
        traits = _Traits()
        traits.data_size = ctypes.sizeof(_Traits) - ctypes.sizeof(ctypes.c_int)
        traits.shared_data_dir = str(_SHARED).encode()
        traits.user_data_dir = folder.encode()
        traits.log_dir = folder.encode()
        traits.app_name = b"rime.benchmark"
        traits.min_log_level = 3
        library.RimeSetup(ctypes.byref(traits))
        library.RimeInitialize(ctypes.byref(traits))
        if library.RimeStartMaintenance(1):
            library.RimeJoinMaintenanceThread()
        self._session = ctypes.c_size_t(library.RimeCreateSession())
        self.chosen = bool(library.RimeSelectSchema(self._session, _SCHEMA))

    @classmethod
    def start(cls) -> "Rime | None":
        """A session, or None where librime or its schema is not installed."""
        if not (_SHARED / "luna_pinyin_simp.schema.yaml").is_file():
            return None
        with contextlib.suppress(OSError):
            rime = cls(ctypes.CDLL(_LIBRARY), tempfile.mkdtemp(prefix="rime-"))
            return rime if rime.chosen else None
        return None

    def page(self, letters: str, size: int = 9) -> list[str]:
        """The first candidates for letters."""
        self._library.RimeClearComposition(self._session)
        for letter in letters:
            self._library.RimeProcessKey(self._session, ord(letter), 0)
        listed = _Listed()
        found: list[str] = []
        if self._library.RimeCandidateListBegin(self._session, ctypes.byref(listed)):
            while len(found) < size and self._library.RimeCandidateListNext(ctypes.byref(listed)):
                text: bytes = listed.candidate.text
                found.append(text.decode("utf-8", "replace"))
            self._library.RimeCandidateListEnd(ctypes.byref(listed))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.RimeDestroySession(self._session)
        self._library.RimeFinalize()
