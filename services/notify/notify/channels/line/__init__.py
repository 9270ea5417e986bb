"""LINE messages over the Messaging API."""
