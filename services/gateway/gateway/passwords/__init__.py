"""Change a password, and replace a forgotten one."""
