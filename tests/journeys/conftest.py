import math
from typing import Any

import anyio._backends._trio as backend  # where anyio hands work to threads under trio
import pytest
import trio.testing


@pytest.fixture(autouse=True)
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Time jumps to the next deadline as soon as everybody waits: minutes of waiting take no time."""
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


@pytest.fixture(autouse=True)
def time_waits_for_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread at work takes no virtual time, however busy the machine is: trio takes waiting for it for idleness."""
    run_sync, working = backend.run_sync, 0

    async def run(*args: Any, **options: Any) -> Any:
        nonlocal working
        clock = trio.lowlevel.current_clock()
        if not isinstance(clock, trio.testing.MockClock):
            return await run_sync(*args, **options)
        working += 1
        clock.autojump_threshold = math.inf
        try:
            return await run_sync(*args, **options)
        finally:
            working -= 1
            if not working:
                clock.autojump_threshold = 0

    monkeypatch.setattr(backend, "run_sync", run)
