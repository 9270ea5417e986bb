"""A frozen account is made active again by its owner: a code, and a new password."""
