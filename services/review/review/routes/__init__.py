"""Routes: which units see a case, in which order, and how many working days each has."""
