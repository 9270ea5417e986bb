"""Receipts: where providers of channels tell what became of messages."""
