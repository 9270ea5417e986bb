-- What operators ask of the audit log, newest first: by whom and about whom, what, from where, when.
CREATE INDEX IF NOT EXISTS audit_entry_of_subject ON audit_entry (subject_id, position);
CREATE INDEX audit_entry_of_actor ON audit_entry (actor_account_id, position) WHERE actor_account_id IS NOT NULL;
CREATE INDEX audit_entry_of_action ON audit_entry (action, position);
CREATE INDEX audit_entry_from ON audit_entry (ip, position) WHERE ip IS NOT NULL;
CREATE INDEX audit_entry_by_time ON audit_entry (at);
