-- Whoever works at the desk no more answers nothing: what they were answering is found. Few tickets have a lease.
CREATE INDEX ticket_leased ON ticket (lease_by) WHERE lease_by IS NOT NULL;
