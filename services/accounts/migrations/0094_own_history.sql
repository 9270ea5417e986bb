-- What happened to an account, and who looked at its application, newest first.
CREATE INDEX audit_entry_of_subject ON audit_entry (subject_id, position);
