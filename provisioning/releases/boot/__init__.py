"""What starts a release and takes a bad one back. Standard library only: a copy of this folder outlives every release.

The copy lies in `HOME/boot`; `cd HOME && python3 -m boot --name gate -- {python} -m kiosk run …` starts what `current`
points to. It replaces its own copy when a release has proven itself.
"""
