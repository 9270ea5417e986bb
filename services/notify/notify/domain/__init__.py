"""The rules of notices: what a message is, when it is tried again or given up. Standard library only."""
