"""Write to the helpdesk by a form, and follow what becomes of it without a login."""
