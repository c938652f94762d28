from typing import Protocol

class _Config(Protocol):
    def set(self, section: str, option: str, value: str) -> None: ...
    def remove_option(self, section: str, option: str) -> bool: ...

Config: _Config
