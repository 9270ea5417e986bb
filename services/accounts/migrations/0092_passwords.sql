-- When the password in use was set, and since when another one is demanded: until then it does not log in.
ALTER TABLE account
    ADD COLUMN password_set_at timestamptz,
    ADD COLUMN new_password_required_at timestamptz;

-- The passwords before the one in use, newest last: none of the last three may come again.
CREATE TABLE former_password (
    account_id    uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    password_hash text        NOT NULL,
    replaced_at   timestamptz NOT NULL,
    position      bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (account_id, position)
);

-- Questions for a link to set a new password. One that fits no account has a row too, so that both cost the same. Name
-- and mailbox are keyed indexes of what was typed; the token is kept as a hash.
CREATE TABLE password_reset (
    token_hash    bytea PRIMARY KEY,
    account_id    uuid        REFERENCES account ON DELETE CASCADE,
    name_index    bytea       NOT NULL,
    mailbox_index bytea       NOT NULL,
    source        text        NOT NULL,
    known         boolean     NOT NULL,
    asked_at      timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    voided_at     timestamptz
);
CREATE INDEX password_reset_asked ON password_reset (name_index, asked_at);
CREATE INDEX password_reset_to ON password_reset (mailbox_index, asked_at);
CREATE INDEX password_reset_from ON password_reset (source, asked_at);
CREATE INDEX password_reset_of ON password_reset (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX password_reset_by_age ON password_reset (asked_at);
