"""The hub's side of the gate: cases, occupancy, who is told, rehearsal and replay, expiry of health data."""
