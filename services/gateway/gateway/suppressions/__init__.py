"""Suppressions: addresses that nothing is sent to, for operators."""
