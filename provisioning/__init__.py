"""The tools of the technician."""
