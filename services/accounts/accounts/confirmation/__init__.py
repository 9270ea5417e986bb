"""Prove once more who one is, before what is dangerous."""
