"""Receipts: what providers tell later about messages that they took."""
