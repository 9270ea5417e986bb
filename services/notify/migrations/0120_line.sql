-- What LINE has told us. An answer that is owed is given when the event comes again.
CREATE TABLE line_event (
    event_id    text PRIMARY KEY,
    received_at timestamptz NOT NULL,
    answer      text,
    label       text
);
CREATE INDEX line_event_by_age ON line_event (received_at);

-- Who of LINE's users has us as a friend, since when; what is older does not count.
CREATE TABLE line_user (
    user_id     text PRIMARY KEY,
    follows     boolean     NOT NULL,
    as_of       timestamptz NOT NULL,
    answered_at timestamptz
);
CREATE INDEX line_user_by_age ON line_user (as_of);

-- Persons who agreed to be linked and wait for LINE to ask its user; of the nonce only a digest is kept.
CREATE TABLE line_link_nonce (
    person_kind  text        NOT NULL,
    person_id    uuid        NOT NULL,
    nonce_digest bytea       NOT NULL UNIQUE,
    user_id      text        NOT NULL,
    label        text        NOT NULL,
    until        timestamptz NOT NULL,
    PRIMARY KEY (person_kind, person_id)
);
CREATE INDEX line_link_nonce_by_age ON line_link_nonce (until);
