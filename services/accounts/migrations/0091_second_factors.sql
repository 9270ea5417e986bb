-- Sessions that the former version of a service opens while both run were never confirmed.
ALTER TABLE session ALTER COLUMN confirmed_at DROP NOT NULL;

-- The secret that an authenticator app shares with us, sealed as ID numbers are and bound to its row. One that nobody
-- has typed a code of yet is not in use.
CREATE TABLE totp (
    totp_id      uuid PRIMARY KEY,
    account_id   uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    secret       bytea       NOT NULL,
    secret_key   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    -- The last half minute whose code was accepted: none is accepted twice, nor an older one.
    last_step    bigint
);
CREATE UNIQUE INDEX totp_in_use ON totp (account_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX totp_begun ON totp (account_id) WHERE confirmed_at IS NULL;

-- For the day when the telephone is lost: each is good once.
CREATE TABLE recovery_code (
    account_id uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    code_hash  bytea       NOT NULL,
    issued_at  timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE passkey (
    passkey_id    uuid PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    credential_id bytea       NOT NULL UNIQUE,
    public_key    bytea       NOT NULL,
    sign_count    bigint      NOT NULL,
    label         text        NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz
);
CREATE INDEX passkey_of ON passkey (account_id, created_at);

-- What a passkey is asked to sign: once, for one purpose, for some minutes.
CREATE TABLE passkey_challenge (
    challenge  bytea PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    purpose    text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_of ON passkey_challenge (account_id, expires_at);
CREATE INDEX passkey_challenge_by_age ON passkey_challenge (expires_at);

-- Logins whose password was right, and whose second step is missing. `password_mark` is a hash of the password's hash: one
-- that was changed meanwhile has not been proved.
CREATE TABLE pending_login (
    token_hash    bytea PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    password_mark bytea       NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX pending_login_of ON pending_login (account_id, expires_at);
CREATE INDEX pending_login_by_age ON pending_login (expires_at);
