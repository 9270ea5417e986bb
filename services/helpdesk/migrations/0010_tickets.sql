-- Who writes to the desk, what they wrote, and what the desk did with it.

CREATE TABLE requester (
    requester_id  uuid PRIMARY KEY,
    name          text NOT NULL,
    locale        text NOT NULL CHECK (locale IN ('zh-Hant', 'en')),
    account_id    uuid UNIQUE,
    -- Found to be this one, who is joined to nobody.
    joined_to     uuid REFERENCES requester (requester_id) CHECK (joined_to <> requester_id),
    -- Who was joined to this one before it was joined itself: they go back with it.
    came_with     uuid REFERENCES requester (requester_id),
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL
);
CREATE INDEX requester_joined ON requester (joined_to) WHERE joined_to IS NOT NULL;
CREATE INDEX requester_by_age ON requester (last_seen_at);

-- `address_key`: as it is compared. A web form without an address has the item's id here.
CREATE TABLE requester_address (
    channel      text NOT NULL CHECK (channel IN ('email', 'fax', 'line', 'phone', 'web')),
    address_key  text NOT NULL CHECK (address_key <> ''),
    address      text NOT NULL,
    requester_id uuid NOT NULL REFERENCES requester (requester_id),
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (channel, address_key)
);
CREATE INDEX requester_address_of ON requester_address (requester_id);

-- What accounts and notify say: whose an address is. One address may be of two accounts; then nobody is guessed.
CREATE TABLE account_address (
    account_id  uuid NOT NULL,
    channel     text NOT NULL CHECK (channel IN ('email', 'fax', 'line', 'phone')),
    address_key text NOT NULL,
    PRIMARY KEY (account_id, channel, address_key)
);
CREATE INDEX account_address_whose ON account_address (channel, address_key);
CREATE TABLE account_known (
    account_id uuid PRIMARY KEY,
    name       text NOT NULL,
    locale     text NOT NULL,
    as_of      timestamptz NOT NULL,
    line_as_of timestamptz NOT NULL DEFAULT '-infinity',
    closed     boolean NOT NULL DEFAULT false
);

-- For the numbers of tickets. One that is taken by what fails is left out: nobody waits for a number.
CREATE SEQUENCE ticket_count;

CREATE TABLE ticket (
    ticket_id            uuid PRIMARY KEY,
    number               text NOT NULL UNIQUE,
    requester_id         uuid NOT NULL REFERENCES requester (requester_id),
    -- By which the person wrote last, and where an answer goes.
    channel              text NOT NULL CHECK (channel IN ('email', 'fax', 'line', 'phone', 'web')),
    address              text NOT NULL,
    locale               text NOT NULL CHECK (locale IN ('zh-Hant', 'en')),
    subject              text NOT NULL CHECK (length(subject) <= 200),
    state                text NOT NULL CHECK (state IN ('new', 'open', 'waiting_customer', 'waiting_third_party',
                                                        'resolved', 'closed', 'reopened')),
    -- Not resolved, not merged, no spam: what the desk has before it.
    live                 boolean GENERATED ALWAYS AS
                             (state NOT IN ('resolved', 'closed') AND merged_into IS NULL AND NOT spam) STORED,
    -- What the list shows at all.
    listed               boolean GENERATED ALWAYS AS (merged_into IS NULL AND NOT spam) STORED,
    spam                 boolean NOT NULL DEFAULT false,
    priority             text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    category             text CHECK (category <> ''),
    owner_id             uuid,
    owner_name           text,
    team                 text NOT NULL CHECK (team IN ('first_line', 'technical', 'business')),
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    last_inbound_at      timestamptz NOT NULL,
    first_answer_due_at  timestamptz NOT NULL,
    first_answered_at    timestamptz,
    solution_due_at      timestamptz NOT NULL,
    paused_at            timestamptz,
    resolved_at          timestamptz,
    closed_at            timestamptz,
    -- The next thing that must be done; 9999 while nothing must.
    due_at               timestamptz NOT NULL,
    lease_by             uuid,
    lease_name           text,
    lease_expires_at     timestamptz,
    merged_into          uuid REFERENCES ticket (ticket_id) CHECK (merged_into <> ticket_id),
    split_from           uuid REFERENCES ticket (ticket_id) CHECK (split_from <> ticket_id),
    link_token           text NOT NULL UNIQUE,
    satisfaction         smallint CHECK (satisfaction BETWEEN 1 AND 5),
    satisfaction_comment text NOT NULL DEFAULT '',
    rated_at             timestamptz,
    version              integer NOT NULL DEFAULT 1,
    CHECK ((state IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state IN ('waiting_customer', 'waiting_third_party')) = (paused_at IS NOT NULL)),
    CHECK ((lease_by IS NULL) = (lease_expires_at IS NULL))
);
-- An index for each question of the list. What is live is a few thousand of a million.
CREATE INDEX ticket_live_due ON ticket (due_at, ticket_id) WHERE live;
CREATE INDEX ticket_live_oldest ON ticket (last_inbound_at, ticket_id) WHERE live;
CREATE INDEX ticket_live_newest ON ticket (created_at, ticket_id) WHERE live;
CREATE INDEX ticket_live_unowned ON ticket (due_at, ticket_id) WHERE live AND owner_id IS NULL;
CREATE INDEX ticket_live_owner ON ticket (owner_id, due_at, ticket_id) WHERE live;
CREATE INDEX ticket_live_waiting ON ticket (last_inbound_at, ticket_id) WHERE live AND paused_at IS NOT NULL;
CREATE INDEX ticket_newest ON ticket (created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_state ON ticket (state, created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_category ON ticket (category, created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_channel ON ticket (channel, created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_priority ON ticket (priority, created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_team ON ticket (team, created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_owner ON ticket (owner_id, created_at, ticket_id) WHERE listed;
CREATE INDEX ticket_requester ON ticket (requester_id, created_at, ticket_id);
CREATE INDEX ticket_spam ON ticket (created_at, ticket_id) WHERE spam;
CREATE INDEX ticket_updated ON ticket (updated_at, ticket_id);
CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ticket_split ON ticket (split_from) WHERE split_from IS NOT NULL;
-- What is closed by itself, and what is forgotten.
CREATE INDEX ticket_resolved ON ticket (resolved_at) WHERE state = 'resolved';
CREATE INDEX ticket_closed ON ticket (closed_at) WHERE state = 'closed';

-- The thread: rows are only added. `item_id`: the inbound item that made it.
CREATE TABLE entry (
    entry_id        uuid PRIMARY KEY,
    sequence        bigint GENERATED ALWAYS AS IDENTITY,
    ticket_id       uuid NOT NULL REFERENCES ticket (ticket_id),
    kind            text NOT NULL CHECK (kind IN ('inbound', 'answer', 'note', 'call', 'change')),
    at              timestamptz NOT NULL,
    channel         text CHECK (channel IN ('email', 'fax', 'line', 'phone', 'web')),
    address         text,
    -- Of a call: who called whom. Its subject is the name that was given.
    direction       text CHECK (direction IN ('in', 'out')),
    author_id       uuid,
    author_name     text,
    subject         text NOT NULL DEFAULT '',
    text            text NOT NULL DEFAULT '' CHECK (length(text) <= 10000),
    -- What the person quoted, shown folded; `truncated`: the raw form has more.
    quoted          text NOT NULL DEFAULT '' CHECK (length(quoted) <= 10000),
    truncated       boolean NOT NULL DEFAULT false,
    -- What was wrong with it: codes.
    problems        text[] NOT NULL DEFAULT '{}' CHECK (cardinality(problems) <= 20),
    item_id         uuid UNIQUE,
    message_id      text CHECK (length(message_id) <= 500),
    automatic       boolean NOT NULL DEFAULT false,
    delivery        text CHECK (delivery IN ('sending', 'delivered', 'failed', 'page')),
    delivery_reason text,
    delivered_at    timestamptz
);
CREATE INDEX entry_of_ticket ON entry (ticket_id, sequence);
CREATE INDEX entry_message_id ON entry (message_id) WHERE message_id IS NOT NULL;
-- Who has worked at the desk of late.
CREATE INDEX entry_author ON entry (author_id, at) WHERE author_id IS NOT NULL;

CREATE TABLE entry_change (
    entry_id uuid NOT NULL REFERENCES entry (entry_id) ON DELETE CASCADE,
    field    text NOT NULL,
    before   text,
    after    text,
    PRIMARY KEY (entry_id, field)
);

-- `held_back`: why nobody can open it; empty where everybody of the desk can. `pages`: so many pictures stand in for
-- it, at `<file_key>/<n>.png`, n from 1 on (a fax).
CREATE TABLE attachment (
    attachment_id uuid PRIMARY KEY,
    entry_id      uuid NOT NULL REFERENCES entry (entry_id),
    position      integer NOT NULL,
    file_key      text NOT NULL,
    filename      text NOT NULL CHECK (length(filename) <= 200),
    media_type    text NOT NULL,
    size          bigint NOT NULL CHECK (size >= 0),
    sha256        text NOT NULL,
    held_back     text NOT NULL DEFAULT '' CHECK (length(held_back) <= 40),
    pages         integer NOT NULL DEFAULT 0 CHECK (pages >= 0),
    UNIQUE (entry_id, position)
);

-- Files whose rows are gone; deleted from the store afterwards, so that a crash leaves none behind.
CREATE TABLE file_to_delete (
    file_key text PRIMARY KEY
);

-- Two tickets that have to do with each other; the smaller id first.
CREATE TABLE ticket_link (
    one_id    uuid NOT NULL REFERENCES ticket (ticket_id),
    other_id  uuid NOT NULL REFERENCES ticket (ticket_id),
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (one_id, other_id),
    CHECK (one_id < other_id)
);
CREATE INDEX ticket_link_other ON ticket_link (other_id);

-- Which rows of a thread were split off, so that they can go back.
CREATE TABLE split_entry (
    entry_id  uuid PRIMARY KEY REFERENCES entry (entry_id) ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES ticket (ticket_id) ON DELETE CASCADE
);
CREATE INDEX split_entry_of ON split_entry (ticket_id);

CREATE TABLE canned_answer (
    canned_answer_id uuid PRIMARY KEY,
    title            text NOT NULL CHECK (title <> ''),
    category         text,
    body_zh          text NOT NULL,
    body_en          text NOT NULL,
    used             integer NOT NULL DEFAULT 0,
    version          integer NOT NULL DEFAULT 1,
    updated_at       timestamptz NOT NULL,
    updated_by       text NOT NULL,
    retired_at       timestamptz
);
CREATE INDEX canned_answer_used ON canned_answer (used DESC, title) WHERE retired_at IS NULL;

CREATE TABLE saved_view (
    view_id    uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name       text NOT NULL,
    query      text NOT NULL,
    UNIQUE (account_id, name)
);

-- Weekdays without work: the office calendar of the year (政府行政機關辦公日曆表). Compare and add rows every summer.
CREATE TABLE desk_holiday (
    day  date PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO desk_holiday (day, name) VALUES
    ('2026-01-01', '中華民國開國紀念日'),
    ('2026-02-16', '農曆除夕'), ('2026-02-17', '春節'), ('2026-02-18', '春節'), ('2026-02-19', '春節'),
    ('2026-02-20', '小年夜補假'), ('2026-02-27', '和平紀念日補假'),
    ('2026-04-03', '兒童節補假'), ('2026-04-06', '民族掃墓節補假'), ('2026-05-01', '勞動節'),
    ('2026-06-19', '端午節'), ('2026-09-25', '中秋節'), ('2026-09-28', '孔子誕辰紀念日'),
    ('2026-10-09', '國慶日補假'), ('2026-10-26', '臺灣光復節補假'), ('2026-12-25', '行憲紀念日'),
    ('2027-01-01', '中華民國開國紀念日'),
    ('2027-02-04', '小年夜'), ('2027-02-05', '農曆除夕'), ('2027-02-08', '春節'),
    ('2027-02-09', '春節補假'), ('2027-02-10', '春節補假'), ('2027-03-01', '和平紀念日補假'),
    ('2027-04-05', '民族掃墓節'), ('2027-04-06', '兒童節補假'), ('2027-04-30', '勞動節補假'),
    ('2027-06-09', '端午節'), ('2027-09-15', '中秋節'), ('2027-09-28', '孔子誕辰紀念日'),
    ('2027-10-11', '國慶日補假'), ('2027-10-25', '臺灣光復節'), ('2027-12-24', '行憲紀念日補假'),
    ('2027-12-31', '中華民國開國紀念日補假');

