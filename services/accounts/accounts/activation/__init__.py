"""Activation links, and the first password of an account."""
