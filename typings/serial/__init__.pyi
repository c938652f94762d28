# Only what drivers/transport/serial_line.py uses.
class SerialException(OSError): ...

class Serial:
    def __init__(
        self,
        port: str | None = ...,
        baudrate: int = ...,
        *,
        parity: str = ...,
        stopbits: float = ...,
        timeout: float | None = ...,
        write_timeout: float | None = ...,
        exclusive: bool | None = ...,
    ) -> None: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...
