"""Screens of the desk's other services, one a view state."""
