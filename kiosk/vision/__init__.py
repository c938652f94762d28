"""What the machine sees. The work is done in a process of its own."""
