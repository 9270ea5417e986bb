"""Unused accounts: what a run would do, reports of runs; and accounts that are closed."""
