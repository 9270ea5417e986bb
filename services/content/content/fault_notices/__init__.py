"""Faults that the helpdesk announces, shown among the announcements until they are over."""
