"""The quick way of opening what is sealed says what `pyrage` says, also of what was damaged."""

import random

import pytest

from hub.submissions import opening
from hub.submissions.opening import opened
from kiosk.wire.sealing import CannotUnseal, new_identity, seal, unseal

IDENTITY, RECIPIENT = new_identity()


@pytest.mark.parametrize("size", [0, 1, 300, 16 * 1024, 64 * 1024])
def test_the_plain_case_is_opened_without_pyrage(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(index % 251 for index in range(size))
    sealed = seal(content, RECIPIENT)
    assert unseal(sealed, IDENTITY) == content
    monkeypatch.setattr(opening, "unseal", None)
    assert opened(sealed, IDENTITY) == content


@pytest.mark.parametrize("size", [64 * 1024 + 1, 200_000])
def test_several_chunks_go_to_pyrage(size: int) -> None:
    assert opened(seal(bytes(size), RECIPIENT), IDENTITY) == bytes(size)


def verdict(data: bytes, *, quickly: bool) -> bytes | None:
    try:
        return (opened if quickly else unseal)(data, IDENTITY)
    except CannotUnseal:
        return None


def test_whatever_is_damaged_is_told_as_pyrage_tells_it() -> None:
    chance = random.Random(7)
    sealed = seal("王小明".encode(), RECIPIENT)
    damaged = [sealed[:length] for length in range(0, len(sealed), 7)]
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        damaged.append(bytes(changed))
        damaged.append(sealed[:place] + bytes([chance.randrange(256)]) + sealed[place:])
    damaged += [b"", sealed + b"x", sealed * 2, seal(b"x", new_identity()[1])]
    assert [verdict(each, quickly=True) for each in damaged] == [verdict(each, quickly=False) for each in damaged]


def test_spare_bits_of_the_mac_are_no_way_to_write_it_twice() -> None:
    sealed = seal("王小明".encode(), RECIPIENT)
    end = sealed.index(b"\n--- ") + len(b"\n--- ") + 42
    assert sealed[end + 1 : end + 2] == b"\n"
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    written = [sealed[:end] + letters[index : index + 1] + sealed[end + 1 :] for index in range(64)]
    assert [verdict(each, quickly=True) for each in written] == [verdict(each, quickly=False) for each in written]
    assert sum(verdict(each, quickly=True) is not None for each in written) == 1


def test_an_empty_shared_secret_is_no_key() -> None:
    """A share of low order would make everybody's key the same."""
    sealed = seal(b"x", RECIPIENT)
    before, _, after = sealed.partition(b"-> X25519 ")
    forged = before + b"-> X25519 " + b"A" * 43 + after[43:]
    assert verdict(forged, quickly=True) is None
