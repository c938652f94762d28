"""How bytes travel: serial lines, sockets and USB, with a deadline on each call."""
