"""The image of a terminal: Debian, a release, and a seed that it enrols itself with at the first boot."""
