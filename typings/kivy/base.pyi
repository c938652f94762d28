from typing import Protocol

from kivy.uix.widget import Widget

class ExceptionHandler:
    def handle_exception(self, exception: BaseException) -> int: ...

class _ExceptionManager(Protocol):
    RAISE: int
    PASS: int
    def add_handler(self, cls: ExceptionHandler) -> None: ...
    def remove_handler(self, cls: ExceptionHandler) -> None: ...

ExceptionManager: _ExceptionManager

class _EventLoop(Protocol):
    status: str
    def idle(self) -> None: ...
    def close(self) -> None: ...
    def post_dispatch_input(self, etype: str, me: object) -> None: ...

EventLoop: _EventLoop

def runTouchApp(widget: Widget | None = None, embedded: bool = False) -> None: ...
