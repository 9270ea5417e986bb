-- What a downstream system may ask of the API, and the access tokens it was given (docs/subscribe.md, "Who is who").
CREATE TABLE subscriber_scope (
    subscriber_id uuid        NOT NULL REFERENCES subscriber ON DELETE CASCADE,
    scope         text        NOT NULL,
    reason        text        NOT NULL,
    ends_on       date        NOT NULL,
    granted_at    timestamptz NOT NULL,
    PRIMARY KEY (subscriber_id, scope)
);

-- No token of before a suspension works again after it.
ALTER TABLE subscriber ADD COLUMN state_changed_at timestamptz NOT NULL DEFAULT now();
UPDATE subscriber SET state_changed_at = coalesce(removed_at, registered_at);

CREATE TABLE api_token (
    token_hash    bytea PRIMARY KEY,
    subscriber_id uuid        NOT NULL REFERENCES subscriber ON DELETE CASCADE,
    secret_number integer     NOT NULL, -- the secret that it was issued for: ends with it
    scopes        text[]      NOT NULL,
    issued_at     timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX api_token_of ON api_token (subscriber_id, issued_at);
CREATE INDEX api_token_to_remove ON api_token (expires_at);
