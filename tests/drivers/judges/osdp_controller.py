"""The independent OSDP controller: PyPI's `osdp`, pure Python, written without libosdp. Not part of the product.

Its package has the name of libosdp's, so it lives in an environment of its own:

    python3 -m venv /some/where && /some/where/bin/pip install osdp==1.6
    KIOSK_OSDP_JUDGE=/some/where/bin/python python -m pytest tests/drivers/test_barrier_osdp_judge.py

It connects, asks who the device is, switches its output on for 0.8 s, waits for a report of an input that is on, and
prints JSON. Arguments: port, address, and the key in hexadecimal digits for a secure channel.
"""

# it runs in another environment, with another package of this name
# mypy: ignore-errors

import json
import logging
import sys
import threading

import osdp
from osdp import _command, _secure_channel

logging.disable()
port, address, key = sys.argv[1], int(sys.argv[2]), bytes.fromhex("".join(sys.argv[3:]))
if key:
    # it derives keys from a master key, and begins with the default key; ours is given to the device as it is
    _secure_channel.SecureChannel.calculate_scbk = lambda self: key
    _command.SecurityInitializationRequestCommand.security_control_block = lambda self: b"\x03\x11\x01"

told = threading.Event()
reports = []


class Panel(osdp.ControlPanel):
    """Keeps what is reported."""

    def on_input_status_report_reply_received(self, _address: int, status: osdp.InputStatus) -> None:
        """As the package calls it."""
        reports.append(list(status.statuses))
        if any(reports[-1]):
            told.set()


panel = Panel(key or None)
bus = panel.start_connection(osdp.SerialPortOsdpConnection(port, 9600))
panel.add_device(bus, address, True, bool(key))
who = panel.id_report(bus, address)
able = panel.device_capabilities(bus, address)
code = osdp.OutputControlCode.TemporaryStateOnResumePermanentState
obeyed = panel.output_control(bus, address, osdp.OutputControls([osdp.OutputControl(0, code, 8)]))
told.wait(5 if key else 0.1)
secure = panel._buses[bus]._configured_devices[address].is_security_established
sys.stdout.write(
    json.dumps(
        {
            "serial": who.serial_number,
            "able": str(able),
            "obeyed": obeyed,
            "reports": reports,
            "secure": secure,
        }
    )
)
sys.stdout.flush()
panel.shutdown()
