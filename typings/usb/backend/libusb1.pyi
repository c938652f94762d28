# Only what drivers/transport uses.
from usb.backend import IBackend

def get_backend() -> IBackend | None: ...
