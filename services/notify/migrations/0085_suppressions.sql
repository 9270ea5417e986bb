-- Addresses that nothing is sent to. An entry stays when it is lifted; one address has one entry that holds.
CREATE TABLE suppression (
    position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel        text NOT NULL,
    address        text,
    masked         text NOT NULL,
    reason         text NOT NULL,
    code           text NOT NULL,
    note           text NOT NULL,
    since          timestamptz NOT NULL,
    added_by       uuid,
    added_by_name  text,
    lifted_at      timestamptz,
    lifted_how     text,
    lifted_by      uuid,
    lifted_by_name text,
    lifted_note    text NOT NULL DEFAULT '',
    CHECK ((lifted_at IS NULL) = (lifted_how IS NULL)),
    CHECK (lifted_at IS NOT NULL OR address IS NOT NULL)
);
CREATE UNIQUE INDEX suppression_that_holds ON suppression (channel, address) WHERE lifted_at IS NULL;
CREATE INDEX suppression_of_address ON suppression (address, position);
CREATE INDEX suppression_of_domain ON suppression (split_part(address, '@', 2), position);
CREATE INDEX suppression_by_end ON suppression (lifted_at) WHERE lifted_at IS NOT NULL;

-- What came back, once for each delivery: a second report of the same one changes nothing.
CREATE TABLE bounce (
    delivery_id uuid PRIMARY KEY,
    address     text,
    weight      text NOT NULL,
    code        text NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX bounce_of_address ON bounce (address, at);
CREATE INDEX bounce_by_age ON bounce (at);
