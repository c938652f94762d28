"""Which drivers there are. A driver that is not listed here does not exist.

Modules are imported when their driver is asked for, so that a gate does not load the printer.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from drivers.contract import Driver

WHERE: Mapping[str, str] = MappingProxyType(
    {
        "barrier/modbus-relay": "drivers.barrier.modbus_relay:ModbusRelay",
        "camera/folder": "drivers.camera.folder:FolderCamera",
        "camera/uvc": "drivers.camera.uvc:UvcCamera",
        "camera/video-file": "drivers.camera.video_file:VideoFileCamera",
        "code_scanner/gm65": "drivers.code_scanner.gm65:Gm65",
        "id_reader/sam-v-serial": "drivers.id_reader.sam_v_serial:SamVSerial",
        "printer/escpos-serial": "drivers.printer.escpos:EscPosSerial",
        "printer/escpos-tcp": "drivers.printer.escpos:EscPosTcp",
        "thermometer/gy-614": "drivers.thermometer.gy_614:Gy614",
    }
)
"""Driver key → `module:class`."""


def driver_class(key: str) -> type[Driver]:
    """Find a driver by its key.

    Raises:
        KeyError: there is none; the message names those of the same kind.
    """
    where = WHERE.get(key)
    if where is None:
        near = sorted(k for k in WHERE if k.startswith(f"{key.split('/', 1)[0]}/")) or sorted(WHERE)
        raise KeyError(f"no driver is called {key!r}; there are: {', '.join(near)}")
    module, name = where.split(":")
    found: type[Driver] = vars(import_module(module))[name]
    return found
