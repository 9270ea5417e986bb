"""Texts of messages, for operators: edit, look at every channel, publish, compare, take back."""
