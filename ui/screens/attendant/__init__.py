"""Screens of the staff at a lane, one a view state."""
