"""Watch lists: whom entry staff should look at, decided by two people, for a time, with each step in the audit."""
