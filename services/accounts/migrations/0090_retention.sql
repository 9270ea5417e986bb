-- Decided applications, by when they were decided: the clean-up reads the oldest only.
CREATE INDEX application_decided ON application (updated_at) WHERE status IN ('rejected', 'withdrawn', 'approved');
