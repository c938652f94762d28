"""Releases: made and signed, brought to a terminal, installed beside the current one, proven, or taken back."""
