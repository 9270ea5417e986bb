"""The ways to the helpdesk: a mail program in which one writes to it, and a fax machine that dials its number."""
