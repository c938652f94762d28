"""Screens that every role has."""
