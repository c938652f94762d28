"""Text messages to citizens: who wants them, what they say, and sending each of them once."""
