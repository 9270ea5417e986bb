-- Requests under Article 3 of the Personal Data Protection Act, and what happened to each.
CREATE SEQUENCE privacy_request_number;
CREATE TABLE privacy_request (
    request_id     uuid PRIMARY KEY,
    request_number text        NOT NULL UNIQUE,
    account_id     uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    kind           text        NOT NULL,
    state          text        NOT NULL,
    words          text        NOT NULL,
    received_at    timestamptz NOT NULL,
    due_on         date        NOT NULL,
    extended       boolean     NOT NULL DEFAULT false,
    closed_at      timestamptz,
    reminded_on    date,
    version        integer     NOT NULL DEFAULT 1
);
-- Of each kind one at a time.
CREATE UNIQUE INDEX privacy_request_open ON privacy_request (account_id, kind) WHERE state = 'open';
CREATE INDEX privacy_request_of ON privacy_request (account_id, received_at);
CREATE INDEX privacy_request_due ON privacy_request (due_on) WHERE state = 'open';
CREATE INDEX privacy_request_by_state ON privacy_request (state, due_on);

CREATE TABLE privacy_step (
    position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id uuid        NOT NULL REFERENCES privacy_request ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    what       text        NOT NULL,
    by_account uuid,
    note       text        NOT NULL DEFAULT ''
);
CREATE INDEX privacy_step_of ON privacy_step (request_id, position);
