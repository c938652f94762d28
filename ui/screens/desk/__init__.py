"""Screens of the desk, one a view state."""
