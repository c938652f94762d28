class PinInfo:
    name: str
