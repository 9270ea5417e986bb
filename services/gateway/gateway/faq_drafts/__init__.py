"""Questions that the helpdesk proposes, for the editors who decide about them."""
