"""Activate an account, log in, stay, leave."""
