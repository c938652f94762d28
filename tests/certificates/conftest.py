"""Certificates of invented people, signed with keys made for the test."""

import pytest

from tests.certificates.mint import Mint


@pytest.fixture(scope="session")
def mint() -> Mint:
    return Mint()
