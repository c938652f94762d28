"""Lock-down: the files that make a machine a terminal and nothing else, and the audit of one."""
