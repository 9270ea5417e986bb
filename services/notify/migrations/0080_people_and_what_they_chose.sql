-- Who is written to. `as_of`: since when what events say of them has been so; 'infinity': nothing more is written to
-- them. `account_id`: what an application became.
CREATE TABLE person (
    person_kind text        NOT NULL CHECK (person_kind IN ('account', 'application')),
    person_id   uuid        NOT NULL,
    as_of       timestamptz NOT NULL DEFAULT '-infinity',
    account_id  uuid,
    heard_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_kind, person_id)
);
CREATE INDEX person_by_age ON person (heard_at) WHERE person_kind = 'application';

-- Their addresses. Position 0: given to the portal by themselves; from 1: what events say, the first in front.
CREATE TABLE contact_point (
    person_kind       text        NOT NULL,
    person_id         uuid        NOT NULL,
    channel           text        NOT NULL,
    address           text        NOT NULL,
    position          smallint    NOT NULL,
    proved_at         timestamptz NOT NULL,
    unreachable_since timestamptz,
    -- What is older than this says nothing about whether something arrives there.
    state_as_of       timestamptz NOT NULL,
    PRIMARY KEY (person_kind, person_id, channel, address),
    FOREIGN KEY (person_kind, person_id) REFERENCES person ON DELETE CASCADE
);
CREATE INDEX contact_point_by_address ON contact_point (channel, address);
CREATE UNIQUE INDEX contact_point_own ON contact_point (person_kind, person_id, channel) WHERE position = 0;

-- On which channels they want to be told what.
CREATE TABLE preference (
    person_kind text        NOT NULL,
    person_id   uuid        NOT NULL,
    category    text        NOT NULL,
    channels    text[]      NOT NULL,
    chosen_at   timestamptz NOT NULL,
    PRIMARY KEY (person_kind, person_id, category),
    FOREIGN KEY (person_kind, person_id) REFERENCES person ON DELETE CASCADE
);

-- Those who were known before.
INSERT INTO person (person_kind, person_id, as_of, heard_at)
SELECT 'application', application_id, '-infinity'::timestamptz, heard_at FROM application_contact
UNION ALL
SELECT 'account', account_id, as_of, now() FROM account_contact;
INSERT INTO contact_point (person_kind, person_id, channel, address, position, proved_at, state_as_of)
SELECT 'application', application_id, 'email', email, 1, heard_at, '-infinity'::timestamptz FROM application_contact
UNION ALL
SELECT 'account', account_id, 'email', email, 1, now(), '-infinity' FROM account_contact WHERE email <> '';
