"""Accounts as downstream systems are told of them."""
