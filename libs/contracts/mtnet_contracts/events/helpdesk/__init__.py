"""The events that helpdesk announces, by topic."""
