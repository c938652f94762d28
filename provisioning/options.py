"""The options that the commands share, and how they are read."""

from pathlib import Path
from typing import Annotated

import typer

from kiosk.config import Role, Site, SiteFileError, read_site
from provisioning.talk import CannotDo, Exit

SiteOption = Annotated[Path, typer.Option("--site", help="The terminal's site file (TOML).")]
RoleOption = Annotated[str, typer.Option("--role", help="gate or desk; needed when the file sets up both.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]


def read(path: Path) -> Site:
    """The site file.

    Raises:
        CannotDo: it cannot be used; the message has a line for each mistake.
    """
    try:
        return read_site(path)
    except SiteFileError as error:
        raise CannotDo(Exit.BAD_INPUT, str(error)) from error


def a_role(name: str) -> Role:
    """A role by its name.

    Raises:
        CannotDo: there is no such role.
    """
    match name:
        case "gate":
            return "gate"
        case "desk":
            return "desk"
        case _:
            raise CannotDo(Exit.BAD_INPUT, f"--role {name!r}: gate or desk")


def role_of(site: Site, name: str) -> Role:
    """The role that is meant, of a file that may set up both.

    Raises:
        CannotDo: not in this file, or not said and not clear.
    """
    if not name:
        if len(site.roles) > 1:
            raise CannotDo(Exit.BAD_INPUT, f"{site.path} has both roles: choose one with --role gate or --role desk")
        return site.roles[0]
    role = a_role(name)
    if role not in site.roles:
        raise CannotDo(Exit.BAD_INPUT, f"{site.path} does not set up the role {name!r}, only {', '.join(site.roles)}")
    return role
