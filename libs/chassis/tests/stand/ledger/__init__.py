"""A service for the chassis's own tests: it books payments, in order, in batches, and with every kind of trouble."""
