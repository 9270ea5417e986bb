-- Downstream systems that subscribe to the portal's events (docs/subscribe.md).
CREATE TABLE subscriber (
    subscriber_id uuid PRIMARY KEY,
    name          text        NOT NULL UNIQUE, -- also of a removed one: its queue may still be there
    title         text        NOT NULL,
    owner         text        NOT NULL,
    contact_email text        NOT NULL,
    system        text,
    state         text        NOT NULL CHECK (state IN ('active', 'suspended', 'removed')),
    registered_at timestamptz NOT NULL,
    removed_at    timestamptz
);
CREATE TABLE subscriber_grant (
    subscriber_id uuid        NOT NULL REFERENCES subscriber ON DELETE CASCADE,
    source        text        NOT NULL,
    event         text        NOT NULL,
    reason        text        NOT NULL,
    ends_on       date,
    granted_at    timestamptz NOT NULL,
    PRIMARY KEY (subscriber_id, source, event)
);

-- The secrets of a system, each a user of the broker. Numbers are never used again.
CREATE TABLE subscriber_credential (
    subscriber_id uuid        NOT NULL REFERENCES subscriber ON DELETE CASCADE,
    number        integer     NOT NULL,
    password_hash text        NOT NULL,
    issued_at     timestamptz NOT NULL,
    ends_at       timestamptz,
    PRIMARY KEY (subscriber_id, number)
);
