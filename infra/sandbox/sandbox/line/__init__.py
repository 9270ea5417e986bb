"""A stand-in for the LINE platform: its Messaging API, its webhooks, and a chat in which one is the user."""
