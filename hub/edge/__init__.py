"""A hall's own hub in front of the city's: takes what terminals report, keeps it, and carries it on in order."""
