"""How bytes travel: serial lines and sockets, with a deadline on each call."""
