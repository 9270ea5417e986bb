-- Returned cases that nobody corrected in time are closed: cost follows what is due.
CREATE INDEX application_lapsing ON application (resubmit_by) WHERE status = 'returned';
