"""What a client has already, by its entity tags (RFC 9110, 13.1.2)."""


def has_tag(if_none_match: str, tag: str) -> bool:
    """Whether one of the tags that a client sent is this one; a proxy that packs answers makes them weak.

    Args:
        if_none_match: The header; empty for none.
        tag: Ours, with its quotes; without commas.
    """
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in given or "*" in given
