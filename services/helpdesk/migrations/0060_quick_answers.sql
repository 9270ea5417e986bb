-- Answers that the desk keeps (Q&A 快速解答), what became of them, how often they are used, and which are missing.

CREATE TABLE quick_answer (
    answer_id  uuid PRIMARY KEY,
    number     integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    state      text NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    category   text NOT NULL,
    question   jsonb NOT NULL CHECK (question ? 'zh-Hant' AND question ? 'en'),
    answer     jsonb NOT NULL CHECK (answer ? 'zh-Hant' AND answer ? 'en'),
    owner_id   uuid NOT NULL,
    owner_name text NOT NULL,
    review_on  date NOT NULL,
    version    integer NOT NULL,
    changed_at timestamptz NOT NULL,
    -- Which change of the whole table was the last of this row: what the search index follows.
    change     bigint NOT NULL UNIQUE
);
CREATE SEQUENCE quick_answer_change OWNED BY quick_answer.change;
CREATE INDEX quick_answer_listed ON quick_answer (state, number DESC);
CREATE INDEX quick_answer_listed_by_category ON quick_answer (category, number DESC);
-- Which are to be looked at again.
CREATE INDEX quick_answer_due ON quick_answer (review_on, number) WHERE state = 'published';

-- Which database this is: an index that was made from another one is made anew.
CREATE TABLE quick_answer_source (
    source_id uuid PRIMARY KEY DEFAULT gen_random_uuid()
);
INSERT INTO quick_answer_source DEFAULT VALUES;

CREATE TABLE quick_answer_version (
    answer_id uuid NOT NULL REFERENCES quick_answer (answer_id),
    version   integer NOT NULL,
    change    text NOT NULL,
    note      text NOT NULL,
    by_id     uuid NOT NULL,
    by_name   text NOT NULL,
    at        timestamptz NOT NULL,
    question  jsonb NOT NULL,
    answer    jsonb NOT NULL,
    PRIMARY KEY (answer_id, version)
);

-- Apart from the answer, whose row and index stay as they are when it is used.
CREATE TABLE quick_answer_use (
    answer_id uuid PRIMARY KEY REFERENCES quick_answer (answer_id),
    used      bigint NOT NULL
);

-- Searches that ended without a result. `text` as it is compared.
CREATE TABLE missing_answer (
    text     text PRIMARY KEY,
    typed    text NOT NULL,
    times    integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL
);
CREATE INDEX missing_answer_often ON missing_answer (times DESC, last_at DESC);
CREATE INDEX missing_answer_old ON missing_answer (last_at);
