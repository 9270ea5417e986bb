"""Questions that the helpdesk proposes: changed by editors, published, or declined with a reason."""
