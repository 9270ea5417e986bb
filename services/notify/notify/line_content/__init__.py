"""Pictures and files that people send by LINE: fetched from there, and handed over to the helpdesk with the message."""
