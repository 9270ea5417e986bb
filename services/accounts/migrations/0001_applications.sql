CREATE TABLE privacy_notice (
    version      text PRIMARY KEY,
    effective_on date  NOT NULL,
    title        jsonb NOT NULL,
    body         jsonb NOT NULL
);

-- The ID number is AES-GCM sealed (key id beside it) and found by a keyed index; it stands nowhere else.
CREATE TABLE application (
    application_id  uuid PRIMARY KEY,
    case_number     text        NOT NULL UNIQUE,
    identity_type   text        NOT NULL,
    status          text        NOT NULL,
    submission      integer     NOT NULL,
    locale          text        NOT NULL,
    answers         jsonb       NOT NULL,
    id_number       bytea,
    id_number_key   text,
    person_index    bytea,
    account_name    text,
    started_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    expires_at      timestamptz,
    submitted_at    timestamptz,
    unit            text,
    stage           integer,
    stages          integer,
    due_on          date,
    marks           jsonb       NOT NULL DEFAULT '[]',
    note            text        NOT NULL DEFAULT '',
    resubmit_by     date,
    started_from    text
);
-- A live application reserves its account name; drafts do not.
CREATE UNIQUE INDEX application_reserves_account_name ON application (lower(account_name))
    WHERE status IN ('submitted', 'in_review', 'returned');
CREATE INDEX application_of_person ON application (person_index) WHERE person_index IS NOT NULL;
CREATE INDEX application_of_organisation ON application ((answers -> 'company' ->> 'unified_business_number'))
    WHERE status IN ('submitted', 'in_review', 'returned', 'approved');
CREATE INDEX application_of_email ON application (lower(answers -> 'applicant' ->> 'email'))
    WHERE status IN ('submitted', 'in_review', 'returned', 'approved');
CREATE INDEX application_expiring ON application (expires_at) WHERE status = 'draft';
CREATE INDEX application_started_from ON application (started_from, started_at);

CREATE TABLE application_grant (
    token_hash     bytea PRIMARY KEY,
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    expires_at     timestamptz NOT NULL
);
CREATE INDEX application_grant_of ON application_grant (application_id);

CREATE TABLE contact (
    application_id uuid NOT NULL REFERENCES application ON DELETE CASCADE,
    contact        text NOT NULL,
    value          text NOT NULL,
    verified_at    timestamptz,
    PRIMARY KEY (application_id, contact)
);

CREATE TABLE challenge (
    challenge_id   uuid PRIMARY KEY,
    purpose        text        NOT NULL,
    application_id uuid REFERENCES application ON DELETE CASCADE,
    contact        text,
    channel        text        NOT NULL,
    recipient      text        NOT NULL,
    code_hash      bytea       NOT NULL,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    tries          integer     NOT NULL DEFAULT 0,
    used_at        timestamptz,
    -- A question about a case: the keyed index of what was asked for, counted alike whether such a case exists or not.
    asked          bytea
);
CREATE INDEX challenge_asked ON challenge (asked, created_at) WHERE asked IS NOT NULL;
CREATE INDEX challenge_by_age ON challenge (created_at);
CREATE INDEX challenge_to ON challenge (recipient, created_at);
CREATE INDEX challenge_of ON challenge (application_id, contact, created_at);

CREATE TABLE consent (
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    notice_version text        NOT NULL REFERENCES privacy_notice,
    agreed_at      timestamptz NOT NULL,
    ip             inet,
    PRIMARY KEY (application_id, notice_version)
);

CREATE TABLE form_file (
    file_id        uuid PRIMARY KEY,
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    key            text        NOT NULL,
    filename       text        NOT NULL,
    media_type     text        NOT NULL,
    size_bytes     integer     NOT NULL,
    pages          integer     NOT NULL,
    sha256         text        NOT NULL,
    content_hash   text        NOT NULL,
    uploaded_at    timestamptz NOT NULL,
    replaced_at    timestamptz
);
CREATE UNIQUE INDEX form_file_current ON form_file (application_id) WHERE replaced_at IS NULL;

CREATE TABLE submission (
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    submission     integer     NOT NULL,
    answers        jsonb       NOT NULL,
    file_id        uuid REFERENCES form_file,
    submitted_at   timestamptz NOT NULL,
    PRIMARY KEY (application_id, submission)
);

CREATE TABLE step (
    position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    at             timestamptz NOT NULL,
    status         text        NOT NULL,
    unit           text,
    stage          integer,
    stages         integer,
    submission     integer     NOT NULL,
    marks          jsonb       NOT NULL DEFAULT '[]',
    note           text        NOT NULL DEFAULT ''
);
CREATE INDEX step_of ON step (application_id, position);

-- Which units have held a case: they may look at its form and, with a reason, at its ID number.
CREATE TABLE case_holder (
    application_id uuid NOT NULL REFERENCES application ON DELETE CASCADE,
    unit           text NOT NULL,
    PRIMARY KEY (application_id, unit)
);
