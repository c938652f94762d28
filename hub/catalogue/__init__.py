"""The hall's service items: one readable file an item, checked, compiled into what the desk asks, and published."""
