-- When an applicant's contact was last submitted: it is kept for a time from then on.
ALTER TABLE application_contact ADD COLUMN heard_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX application_contact_by_age ON application_contact (heard_at);
