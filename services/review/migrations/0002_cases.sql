-- Cases, what was handed in each time, and what was done with it.

CREATE TABLE review_case (
    application_id   uuid PRIMARY KEY,
    case_number      text NOT NULL UNIQUE,
    identity_type    text NOT NULL,
    account_name     text NOT NULL,
    person_key       text NOT NULL,
    applicant_name   text NOT NULL,
    company_name     text,
    route_id         integer NOT NULL REFERENCES route (route_id),
    stage            integer NOT NULL,
    stages           integer NOT NULL,
    unit             text NOT NULL,
    state            text NOT NULL
                     CHECK (state IN ('open', 'returned', 'approved', 'rejected', 'withdrawn')),
    version          integer NOT NULL,
    submission       integer NOT NULL,
    submitted_at     timestamptz NOT NULL,
    waiting_since    timestamptz NOT NULL,
    due_on           date NOT NULL,
    resubmit_by      date,
    claimed_by       uuid,
    claimed_by_name  text,
    claim_expires_at timestamptz,
    search_text      text NOT NULL,
    CHECK (stage BETWEEN 1 AND stages),
    CHECK ((claimed_by IS NULL) = (claim_expires_at IS NULL)),
    CHECK (claimed_by IS NULL OR state = 'open')
);

-- The queue of a unit: open cases oldest first, and by deadline; and what the unit returned.
CREATE INDEX review_case_open_by_age ON review_case (unit, waiting_since, application_id)
    WHERE state = 'open';
CREATE INDEX review_case_open_by_deadline ON review_case (unit, due_on, application_id)
    WHERE state = 'open';
CREATE INDEX review_case_returned ON review_case (unit, waiting_since, application_id)
    WHERE state = 'returned';

-- The way of one case: found when it began, whatever becomes of the routes.
CREATE TABLE case_stage (
    application_id uuid NOT NULL REFERENCES review_case (application_id),
    stage          integer NOT NULL,
    unit           text NOT NULL,
    deadline_days  integer NOT NULL,
    handled_at     timestamptz,
    PRIMARY KEY (application_id, stage)
);

-- What a unit has done with, newest first.
CREATE INDEX case_stage_handled ON case_stage (unit, handled_at DESC, application_id)
    WHERE handled_at IS NOT NULL;

CREATE TABLE submission (
    application_id   uuid NOT NULL REFERENCES review_case (application_id),
    submission       integer NOT NULL,
    submitted_at     timestamptz NOT NULL,
    account_name     text NOT NULL,
    person_key       text NOT NULL,
    masked_id_number text NOT NULL,
    applicant_name   text NOT NULL,
    company_name     text,
    answers          jsonb NOT NULL,
    form             jsonb,
    duplicates       jsonb NOT NULL,
    PRIMARY KEY (application_id, submission)
);

-- 審核歷程: lines are added, never changed.
CREATE TABLE case_entry (
    entry_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES review_case (application_id),
    at             timestamptz NOT NULL,
    action         text NOT NULL,
    account_id     uuid,
    actor_name     text,
    unit           text,
    submission     integer NOT NULL,
    reasons        jsonb NOT NULL DEFAULT '[]',
    note           text NOT NULL DEFAULT ''
);
CREATE INDEX case_entry_of_case ON case_entry (application_id, entry_id);
