"""Presence sensors."""
