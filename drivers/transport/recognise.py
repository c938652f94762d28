"""Telling a wrong device from a noisy line."""


def resembles(received: bytes, header: bytes) -> bool:
    """Whether bytes could come from a device whose answers start with `header`, spoilt or cut short.

    A wrong device is never tried again, so the doubt speaks for the right one: two neighbouring bytes of the header
    anywhere, or its first byte at the end, are enough.

    Args:
        received: what came instead of a frame.
        header: two bytes or more.
    """
    pairs = (header[at : at + 2] for at in range(len(header) - 1))
    return received.endswith(header[:1]) or any(pair in received for pair in pairs)
