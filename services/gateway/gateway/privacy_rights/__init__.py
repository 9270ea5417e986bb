"""Rights to one's personal data: a copy, requests with a clock, and the desk of the staff that answers."""
