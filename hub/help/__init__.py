"""Remote help: calls from terminals, who answers them, and the messages that let both sides find each other."""
