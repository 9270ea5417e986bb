"""Rights of the Personal Data Protection Act, Art. 3: a copy at once, requests with a clock, the desk that answers."""
