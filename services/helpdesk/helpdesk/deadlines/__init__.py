"""By when a ticket is to be answered and solved: concrete times, with pauses and a working calendar."""
