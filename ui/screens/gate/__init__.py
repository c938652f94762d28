"""Screens of the gate, one a view state."""
