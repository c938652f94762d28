"""How people sign in, from `people.toml` in the data folder. Without the file everybody needs a second factor."""

import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec

FILE: Final = "people.toml"


class BadPeopleSettings(Exception):
    """The file cannot be used; says why."""


class PeopleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be chosen.

    Attributes:
        second_factor: `required`, or `off` where no real person's data is: a demonstration.
        issuer: What a telephone shows beside its codes.
    """

    second_factor: Literal["required", "off"] = "required"
    issuer: str = "政务大厅终端"


def load_people(folder: Path) -> PeopleSettings:
    """Read the settings of a data folder.

    Raises:
        BadPeopleSettings: The file has a mistake. Nobody is let in more easily because of that.
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return PeopleSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPeopleSettings(f"{FILE} cannot be read: {error}") from error
    try:
        return msgspec.convert(tomllib.loads(text), PeopleSettings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadPeopleSettings(f"{FILE}: {error}") from error
