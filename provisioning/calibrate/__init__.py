"""Calibration: what has to be measured on the spot once, by whom, against what, and until when it counts."""
