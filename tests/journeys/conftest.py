import pytest
import trio.testing


@pytest.fixture(autouse=True)
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Time jumps to the next deadline as soon as everybody waits: minutes of waiting take no time."""
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}
