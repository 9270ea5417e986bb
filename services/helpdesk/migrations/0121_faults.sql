-- 障礙申告: faults on record in place of `fault_report`, what everybody was told, and who reported them.

CREATE SEQUENCE fault_count;

CREATE TABLE fault (
    fault_id        uuid PRIMARY KEY,
    position        integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    number          text NOT NULL UNIQUE,
    title_zh        text NOT NULL CHECK (title_zh <> '' AND length(title_zh) <= 100),
    title_en        text NOT NULL CHECK (title_en <> '' AND length(title_en) <= 100),
    affected_system text NOT NULL CHECK (affected_system <> ''),
    severity        text NOT NULL CHECK (severity IN ('low', 'normal', 'high', 'critical')),
    started_at      timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    recorded_by     text NOT NULL,
    workaround_zh   text NOT NULL DEFAULT '' CHECK (length(workaround_zh) <= 2000),
    workaround_en   text NOT NULL DEFAULT '' CHECK (length(workaround_en) <= 2000),
    cause           text NOT NULL DEFAULT '' CHECK (length(cause) <= 2000),
    solution_zh     text NOT NULL DEFAULT '' CHECK (length(solution_zh) <= 2000),
    solution_en     text NOT NULL DEFAULT '' CHECK (length(solution_en) <= 2000),
    announced_at    timestamptz,
    resolved_at     timestamptz,
    resolved_by     text,
    version         integer NOT NULL DEFAULT 1,
    CHECK (resolved_at IS NULL OR (resolved_by IS NOT NULL AND solution_zh <> '' AND solution_en <> ''))
);
-- What is broken now; what was, newest first; what everybody may read.
CREATE INDEX fault_open ON fault (position) WHERE resolved_at IS NULL;
CREATE INDEX fault_over ON fault (position) WHERE resolved_at IS NOT NULL;
CREATE INDEX fault_public ON fault (resolved_at) WHERE announced_at IS NOT NULL;
CREATE INDEX fault_resolved ON fault (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE fault_update (
    position integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fault_id uuid NOT NULL REFERENCES fault (fault_id) ON DELETE CASCADE,
    kind     text NOT NULL CHECK (kind IN ('announced', 'update', 'resolved')),
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    text_zh  text NOT NULL CHECK (text_zh <> '' AND length(text_zh) <= 2000),
    text_en  text NOT NULL CHECK (text_en <> '' AND length(text_en) <= 2000)
);
CREATE INDEX fault_update_of ON fault_update (fault_id, position);

-- A ticket is about one fault.
CREATE TABLE fault_ticket (
    ticket_id uuid PRIMARY KEY REFERENCES ticket (ticket_id) ON DELETE CASCADE,
    fault_id  uuid NOT NULL REFERENCES fault (fault_id) ON DELETE CASCADE,
    added_at  timestamptz NOT NULL,
    added_by  text NOT NULL,
    told_at   timestamptz
);
CREATE INDEX fault_ticket_of ON fault_ticket (fault_id, added_at);

-- Nothing ever wrote into it.
DROP TABLE fault_report;
