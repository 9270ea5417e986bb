-- Decided cases, by when they were submitted: the clean-up reads the oldest only.
CREATE INDEX review_case_decided ON review_case (submitted_at) WHERE state IN ('approved', 'rejected', 'withdrawn');
