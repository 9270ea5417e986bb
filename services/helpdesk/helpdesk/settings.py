"""Helpdesk has no settings of its own; the chassis reads those that every service has."""
