"""Guidance lights."""
