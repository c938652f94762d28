"""Remote help on the terminal: the call, its process for pictures and sound, and what staff may do on the screen."""
