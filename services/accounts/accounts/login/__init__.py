"""Prove who one is: by name and password, and once more before what is dangerous."""
