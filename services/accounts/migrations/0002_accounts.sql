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
    failed_logins   integer     NOT NULL DEFAULT 0,
    locked_until    timestamptz,
    approved_at     timestamptz NOT NULL,
    activated_at    timestamptz,
    last_login_at   timestamptz,
    frozen_at       timestamptz,
    -- The Taipei day from which inactivity counts: of approval, activation, thaw or login, whichever came last.
    active_on       date        NOT NULL
);
CREATE UNIQUE INDEX account_name_once ON account (lower(account_name)) WHERE state <> 'closed';
CREATE INDEX account_of_person ON account (person_key);
CREATE INDEX account_of_organisation ON account (organisation_id);
-- The lifecycle's questions: cost follows what is due.
CREATE INDEX account_to_freeze ON account (active_on) WHERE state = 'active';
CREATE INDEX account_to_remind ON account (active_on) WHERE state IN ('active', 'frozen');

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
    ip         inet,
    user_agent text
);
CREATE INDEX session_of ON session (account_id) WHERE ended_at IS NULL;

-- Each reminder once per account and cycle; a cycle begins with the last activity.
CREATE TABLE reminder_sent (
    account_id  uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    cycle       date        NOT NULL,
    notice_days integer     NOT NULL,
    sent_at     timestamptz NOT NULL,
    PRIMARY KEY (account_id, cycle, notice_days)
);

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
