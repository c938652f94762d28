"""Where a terminal gets releases from: the hub over its own line, or a folder on a stick. Both are only carriers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

import httpx
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from kiosk.wire import routes
from provisioning.hub_line import HubLine
from provisioning.talk import CannotDo, Exit

_CHUNK: Final = 256 * 1024
METADATA: Final = "metadata/"


class Source(Protocol):
    """Carries files by name; nothing of what it brings is believed."""

    def pull(self, name: str, have: int = 0) -> Iterator[bytes]:
        """A file's bytes from an offset.

        Args:
            name: `metadata/…` or `targets/…`.
            have: so many are here already.

        Raises:
            Missing: there is no such file.
            CannotDo: the source is away; what came is kept.
        """
        ...


class Missing(Exception):
    """There is no such file at the source."""


class Folder:
    """A stick, or any folder with a repository.

    Args:
        path: holds `metadata` and `targets`.

    Raises:
        CannotDo: it does not.
    """

    def __init__(self, path: Path) -> None:
        if not (path / "metadata" / "timestamp.json").is_file():
            raise CannotDo(
                Exit.BAD_INPUT, f"{path} holds no releases: it needs metadata/timestamp.json (hub release export)"
            )
        self._path = path

    def pull(self, name: str, have: int = 0) -> Iterator[bytes]:
        """See `Source`."""
        try:
            with (self._path / name).open("rb") as stream:
                stream.seek(have)
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except FileNotFoundError as error:
            raise Missing(name) from error
        except OSError as error:
            raise CannotDo(Exit.NOT_NOW, f"{self._path} cannot be read: {error.strerror}; plug it in again") from error


class FromHub:
    """The hub, with the terminal's certificate.

    Args:
        line: open.
    """

    def __init__(self, line: HubLine) -> None:
        self._line = line

    def pull(self, name: str, have: int = 0) -> Iterator[bytes]:
        """See `Source`; asks for the rest only (RFC 9110, 14)."""
        try:
            with self._line.stream(f"{routes.RELEASES}/{name}", {"Range": f"bytes={have}-"} if have else {}) as answer:
                if answer.status_code in {403, 404}:
                    raise Missing(name)
                if have and answer.status_code == 416:
                    return
                if answer.status_code not in {200, 206}:
                    raise CannotDo(Exit.HUB, f"the hub answers {answer.status_code} for {name}; its log says why")
                skip = have if answer.status_code == 200 else 0  # it does not know ranges: pass over what is here
                for chunk in answer.iter_bytes(_CHUNK):
                    rest = chunk[skip:]
                    skip = max(0, skip - len(chunk))
                    if rest:
                        yield rest
        except httpx.HTTPError as error:
            raise CannotDo(Exit.HUB, f"the line broke while {name} came: it goes on from there next time") from error


class Fetcher(FetcherInterface):
    """Brings metadata to the client of TUF."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            yield from self._source.pull(METADATA + url.rpartition("/")[2])
        except Missing as error:
            raise DownloadHTTPError(f"no {url}", 404) from error
