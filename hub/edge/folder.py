"""The folder of an edge: who it is, where the city's hub is, and what waits to be carried on.

    edge.toml      the one setting: city = "https://hub.city.example:8443"
    ca.pem         the city's CA
    client.pem     its certificate and key towards the city
    server.pem     its certificate and key towards the terminals
    spool.db       events that wait; papers/ what they name; signed/ the newest editions

`python -m hub edge make` at the city makes it; it is carried to the hall. No key that opens anything sealed is in it.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from hub.files import write_durably

SETTING: Final = "edge.toml"


class BadEdge(Exception):
    """The folder is none of an edge; says what is wrong."""


class _Setting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    city: Annotated[str, msgspec.Meta(pattern="^https://[^/\\s]+$")]
    hall: str
    name: str


@dataclass(frozen=True)
class EdgeFolder:
    """An edge's files.

    Attributes:
        city: Address of the city's terminal port.
        hall: Whose terminals it serves.
        name: Its own, as the city knows it.
    """

    path: Path
    city: str
    hall: str
    name: str

    @property
    def ca(self) -> Path:
        """The city's CA."""
        return self.path / "ca.pem"

    @property
    def client(self) -> Path:
        """Certificate and key towards the city."""
        return self.path / "client.pem"

    @property
    def server(self) -> Path:
        """Certificate and key towards the terminals."""
        return self.path / "server.pem"

    @property
    def spool(self) -> Path:
        """The database of what waits."""
        return self.path / "spool.db"

    @property
    def papers(self) -> Path:
        """Sealed papers that wait."""
        return self.path / "papers"

    @property
    def signed(self) -> Path:
        """The newest signed editions."""
        return self.path / "signed"


def make_folder(path: Path, city: str, hall: str, name: str, ca: str, client: bytes, server: bytes) -> EdgeFolder:
    """Write an edge's folder; `edge.toml` last.

    Args:
        path: Made with mode 0700 where it is missing.
        city: Address of the city's terminal port.
        hall: Whose terminals it serves.
        name: Its own.
        ca: PEM.
        client: PEM of certificate and key.
        server: PEM of certificate and key.

    Raises:
        BadEdge: The address is none.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path / "ca.pem", ca.encode(), 0o644)
    write_durably(path / "client.pem", client)
    write_durably(path / "server.pem", server)
    write_durably(path / SETTING, f'city = "{city.rstrip("/")}"\nhall = "{hall}"\nname = "{name}"\n'.encode(), 0o644)
    return open_folder(path)


def open_folder(path: Path) -> EdgeFolder:
    """Read an edge's folder.

    Raises:
        BadEdge: Says what is missing or wrong.
    """
    try:
        given = msgspec.convert(tomllib.loads((path / SETTING).read_text(encoding="utf-8")), _Setting)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadEdge(f"{path / SETTING}: {error}") from error
    except OSError as error:
        raise BadEdge(
            f"{path} is no edge's folder ({error.strerror}): make one with python -m hub edge make"
        ) from error
    folder = EdgeFolder(path, given.city, given.hall, given.name)
    for file in (folder.ca, folder.client, folder.server):
        if not file.is_file():
            raise BadEdge(f"{file} is missing: make the folder again with python -m hub edge make")
    for each in (folder.papers, folder.signed):
        each.mkdir(mode=0o700, exist_ok=True)
    return folder
