# Only what tests/vm uses.
SPEED_HIGH: int
