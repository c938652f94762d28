"""The files that take longest, longest first: whoever tests side by side begins with them, so that all end together.

From `pytest --durations 0` on two cores. Their order matters and not their seconds; what is not here comes as it falls.
"""

from typing import Final

LONGEST: Final = (
    "tests/ui/test_ui_walk_desk.py",
    "tests/drivers/test_contract.py",
    "tests/ui/test_ui_walk_staff.py",
    "tests/ui/test_ui_walk_afterwards.py",
    "tests/ui/test_ui_touch.py",
    "tests/vision/test_vision_process.py",
    "tests/ui/test_ui_walk_gate.py",
    "tests/vision/test_id_photo.py",
    "tests/drivers/test_modbus_relay_wire.py",
    "tests/devices_b/test_scenes.py",
    "tests/hub/test_phone_papers.py",
    "tests/drivers/test_barrier_passages.py",
    "tests/hub/test_enrol_serial.py",
    "tests/devices_b/test_escpos_wire.py",
    "tests/hub/test_enrolment.py",
    "tests/hub/test_gate_notify.py",
    "tests/hub/test_gate_appointments.py",
    "tests/hub/test_watch_lists.py",
    "tests/drivers/test_camera_network_wire.py",
    "tests/hub/test_people_sign_in.py",
    "tests/drivers/test_printer_escpos_step_wire.py",
    "tests/hub/test_catalogue_items.py",
    "tests/hub/test_office_requests.py",
    "tests/ui/test_ui_walk.py",
    "tests/provisioning/test_checks.py",
)
