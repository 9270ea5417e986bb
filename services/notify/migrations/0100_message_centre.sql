-- A fax number counts after the code that was sent there. Only the code's hash is kept.
CREATE TABLE fax_code (
    challenge_id uuid PRIMARY KEY,
    account_id   uuid        NOT NULL,
    number       text        NOT NULL,
    code_hash    bytea       NOT NULL,
    sent_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    tries        smallint    NOT NULL DEFAULT 0,
    used_at      timestamptz
);
CREATE INDEX fax_code_of_account ON fax_code (account_id, sent_at DESC);
CREATE INDEX fax_code_to_number ON fax_code (number, sent_at);
CREATE INDEX fax_code_by_age ON fax_code (sent_at);

-- What was sent once more: a message of its own, so that no provider takes it for the one that it knows.
ALTER TABLE message ADD COLUMN again_of uuid REFERENCES message (message_id) ON DELETE CASCADE;
CREATE INDEX message_again ON message (again_of, created_at) WHERE again_of IS NOT NULL;
