-- Wrong passwords are counted for a name and a source together, for a known device, for a name over all strangers, and
-- for a source over all names; what was counted for a name alone is forgotten with the change.
DELETE FROM failed_login;
ALTER TABLE failed_login
    DROP CONSTRAINT failed_login_pkey,
    ADD COLUMN kind text NOT NULL,
    -- Of the first failure that still counts, or of the last one forgotten.
    ADD COLUMN since timestamptz,
    -- Tries let in and not judged yet. What a broken process left here ends by itself.
    ADD COLUMN pending timestamptz[] NOT NULL DEFAULT '{}';
ALTER TABLE failed_login RENAME COLUMN name_index TO key;
ALTER TABLE failed_login ADD PRIMARY KEY (kind, key);

-- Browsers and programs that proved once whose they are: by a password, or by a code to a contact. `subject` is a keyed
-- index of the account or of the contact.
CREATE TABLE known_device (
    subject     bytea       NOT NULL,
    device_hash bytea       NOT NULL,
    proved_at   timestamptz NOT NULL,
    PRIMARY KEY (subject, device_hash)
);
CREATE INDEX known_device_named ON known_device (device_hash);
CREATE INDEX known_device_by_age ON known_device (proved_at);
