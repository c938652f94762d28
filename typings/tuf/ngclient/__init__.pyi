from abc import ABC
from collections.abc import Iterator

class FetcherInterface(ABC):
    def _fetch(self, url: str) -> Iterator[bytes]: ...

class UpdaterConfig:
    def __init__(self, *, app_user_agent: str | None = None) -> None: ...

class Updater:
    def __init__(
        self,
        metadata_dir: str,
        metadata_base_url: str,
        *,
        fetcher: FetcherInterface | None = None,
        config: UpdaterConfig | None = None,
        bootstrap: bytes | None,
    ) -> None: ...
    def refresh(self) -> None: ...
