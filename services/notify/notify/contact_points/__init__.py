"""Contact points: the addresses of a person, on each channel, and whether they can be reached there."""
