-- What a device is called, so that its owner knows it in a list.
ALTER TABLE known_device
    ADD COLUMN device_id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN label     text NOT NULL DEFAULT '';

-- Links "this was not me" in mails about a login on a new device.
CREATE TABLE login_notice (
    token_hash   bytea PRIMARY KEY,
    account_id   uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    device       text        NOT NULL,
    logged_in_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE INDEX login_notice_by_age ON login_notice (expires_at);
CREATE INDEX login_notice_of ON login_notice (account_id);
