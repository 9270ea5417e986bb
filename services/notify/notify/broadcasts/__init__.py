"""Broadcasts: one text to many people, frozen and sent chunk by chunk."""
