"""Numbers that are said and compared digit by digit."""


def apart(number: str) -> str:
    """A number with a space between its signs, so that it is read one by one: `3101` as `3 1 0 1`."""
    return " ".join(sign for sign in number if sign.isalnum())
