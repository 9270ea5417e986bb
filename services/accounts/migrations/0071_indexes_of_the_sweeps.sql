-- What the hourly run removes is found without reading what stays.
CREATE INDEX session_by_age ON session (started_at);
CREATE INDEX application_grant_expiring ON application_grant (expires_at);
CREATE INDEX unattached_form_by_age ON unattached_form (stored_at);
-- And what goes with an application: PostgreSQL looks for each row that refers to one that is removed.
CREATE INDEX form_file_of ON form_file (application_id);
CREATE INDEX submission_of_form ON submission (file_id);
