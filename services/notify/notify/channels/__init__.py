"""Channels: one folder for each way of writing to people, with the client of its provider."""
