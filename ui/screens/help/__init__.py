"""Screens of remote help, which cover the journey's own for a while."""
