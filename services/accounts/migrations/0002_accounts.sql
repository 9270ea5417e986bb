CREATE TABLE organisation (
    organisation_id         uuid PRIMARY KEY,
    unified_business_number text        NOT NULL UNIQUE,
    name_zh                 text        NOT NULL,
    name_en                 text,
    created_at              timestamptz NOT NULL
);

CREATE TABLE account (
    account_id      uuid PRIMARY KEY,
    account_name    text        NOT NULL,
    name            text        NOT NULL,
    state           text        NOT NULL,
    identity_type   text        NOT NULL,
    roles           text[]      NOT NULL,
    unit            text,
    organisation_id uuid REFERENCES organisation,
    application_id  uuid UNIQUE,
    person_key      text,
    systems         text[]      NOT NULL DEFAULT '{}',
    email           text        NOT NULL,
    mobile          text,
    locale          text        NOT NULL,
    password_hash   text,
    approved_at     timestamptz NOT NULL,
    activated_at    timestamptz,
    last_login_at   timestamptz,
    frozen_at       timestamptz,
    -- The Taipei day from which inactivity counts: of approval, activation, reactivation or login, whichever came last.
    active_on       date        NOT NULL,
    -- Since then: the last reminder as days of notice, and the day it named. Nobody is disabled before that day.
    reminded_days   integer,
    disable_on      date
);
CREATE UNIQUE INDEX account_name_once ON account (lower(account_name)) WHERE state <> 'closed';
CREATE INDEX account_of_person ON account (person_key);
CREATE INDEX account_of_organisation ON account (organisation_id);
-- The lifecycle's questions: cost follows what is due.
CREATE INDEX account_to_freeze ON account (active_on) WHERE state = 'active';
CREATE INDEX account_to_remind ON account (active_on) WHERE state IN ('active', 'frozen') AND reminded_days IS NULL;
CREATE INDEX account_to_remind_again ON account (disable_on) WHERE state IN ('active', 'frozen') AND reminded_days = 30;

CREATE TABLE activation_link (
    token_hash bytea PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX activation_link_of ON activation_link (account_id, issued_at);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    session_id uuid        NOT NULL UNIQUE,
    account_id uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,
    ended_at   timestamptz,
    previous_login_at timestamptz,
    ip         inet,
    user_agent text
);
CREATE INDEX session_of ON session (account_id) WHERE ended_at IS NULL;

-- Wrong passwords in a row by account name, whether there is such an account or not: both cost and say the same. The
-- name is a keyed index, since people type passwords into the wrong field.
CREATE TABLE failed_login (
    name_index   bytea PRIMARY KEY,
    failures     integer     NOT NULL,
    last_at      timestamptz NOT NULL,
    locked_until timestamptz
);
CREATE INDEX failed_login_by_age ON failed_login (last_at);

-- Who looked at what. Each row carries the hash of the one before, so that altering one is seen.
CREATE TABLE audit_entry (
    position         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at               timestamptz NOT NULL,
    actor_account_id uuid,
    action           text        NOT NULL,
    subject_id       uuid,
    detail           jsonb       NOT NULL,
    ip               inet,
    previous_hash    bytea       NOT NULL,
    hash             bytea       NOT NULL
);

CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed';
END
$$;
CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();
