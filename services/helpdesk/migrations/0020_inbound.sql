-- What came in, as it came: stored before anything is understood, and once, however often it comes.
CREATE TABLE inbound_item (
    item_id     uuid PRIMARY KEY,
    sequence    bigint GENERATED ALWAYS AS IDENTITY,
    channel     text NOT NULL CHECK (channel IN ('email', 'line', 'web')),
    dedupe_key  text NOT NULL UNIQUE CHECK (length(dedupe_key) BETWEEN 1 AND 200),
    received_at timestamptz NOT NULL,
    size        integer NOT NULL CHECK (size >= 0),
    -- Its bytes: here, or under this key of the object store where they are many. Neither, once their time is over.
    raw         bytea,
    raw_key     text,
    envelope    text[] NOT NULL DEFAULT '{}',
    -- Held once, and let in by an operator.
    released    boolean NOT NULL DEFAULT false,
    state       text NOT NULL DEFAULT 'stored' CHECK (state IN ('stored', 'recorded', 'own', 'held')),
    address_key text NOT NULL DEFAULT '',
    thread_key  text NOT NULL DEFAULT '',
    tries       smallint NOT NULL DEFAULT 0,
    try_at      timestamptz NOT NULL,
    ticket_id   uuid,
    entry_id    uuid,
    settled_at  timestamptz,
    CHECK (raw IS NULL OR raw_key IS NULL),
    CHECK ((state = 'stored') = (settled_at IS NULL)),
    CHECK ((state = 'recorded') = (entry_id IS NOT NULL))
);
-- What is to be understood, in the order in which it came.
CREATE INDEX inbound_item_waiting ON inbound_item (sequence) INCLUDE (try_at) WHERE state = 'stored';
CREATE INDEX inbound_item_held ON inbound_item (sequence) WHERE state = 'held';
-- How much one sender, or one thread, brought within the hour.
CREATE INDEX inbound_item_sender ON inbound_item (address_key, settled_at) WHERE address_key <> '';
CREATE INDEX inbound_item_thread ON inbound_item (thread_key, settled_at) WHERE thread_key <> '';
-- Whose bytes, and whose rows, are forgotten.
CREATE INDEX inbound_item_settled ON inbound_item (settled_at) WHERE settled_at IS NOT NULL;
