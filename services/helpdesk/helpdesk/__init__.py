"""Helpdesk: how people reach it, and what they reported."""
