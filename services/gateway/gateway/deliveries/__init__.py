"""Deliveries, for operators: find them, see each attempt, send one once more."""
