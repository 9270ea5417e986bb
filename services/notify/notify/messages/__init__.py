"""Messages: what is written to whom because of which event, and the contacts that events bring."""
