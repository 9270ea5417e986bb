"""Drafts and applications: what they ask for, what was answered, and who may open them."""
