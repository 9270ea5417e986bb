-- Whoever a text could not be told to is put aside and tried again, and holds up nobody else.
ALTER TABLE fault_to_tell
    ADD COLUMN tries integer NOT NULL DEFAULT 0,
    ADD COLUMN next_try_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX fault_to_tell_due ON fault_to_tell (position, next_try_at, ticket_id);
