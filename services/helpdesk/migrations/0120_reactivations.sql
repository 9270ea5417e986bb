-- 復用: evidence of whose an account is, judged by two people.

CREATE SEQUENCE reactivation_count;

CREATE TABLE reactivation_case (
    reactivation_id         uuid PRIMARY KEY,
    position                integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    number                  text NOT NULL UNIQUE,
    account_id              uuid NOT NULL,
    account_name            text NOT NULL,
    name                    text NOT NULL,
    organisation_name       text,
    person_key              text,
    account_state           text NOT NULL CHECK (account_state IN ('frozen', 'disabled')),
    evidence                text NOT NULL CHECK (evidence IN ('letter', 'fax', 'upload', 'call_back')),
    reference               text NOT NULL CHECK (reference <> '' AND length(reference) <= 100),
    received_on             date NOT NULL,
    state                   text NOT NULL CHECK (state IN ('open', 'checked', 'approved', 'refused')),
    opened_at               timestamptz NOT NULL,
    opened_by_account_id    uuid NOT NULL,
    opened_by_account_name  text NOT NULL,
    opened_by_name          text NOT NULL,
    opened_by_person_key    text,
    checked_at              timestamptz,
    checked_by_account_id   uuid,
    checked_by_account_name text,
    checked_by_name         text,
    checked_by_person_key   text,
    reason                  text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    decided_at              timestamptz,
    decided_by_account_id   uuid,
    decided_by_account_name text,
    decided_by_name         text,
    decided_by_person_key   text,
    refusal_reason          text,
    refusal_note            text NOT NULL DEFAULT '' CHECK (length(refusal_note) <= 500),
    version                 integer NOT NULL DEFAULT 1,
    -- Two people, neither of whom is the holder, whatever a program does.
    CHECK (state <> 'approved' OR (checked_by_account_id IS NOT NULL AND decided_by_account_id <> checked_by_account_id)),
    CHECK (account_id <> coalesce(checked_by_account_id, opened_by_account_id)),
    CHECK (account_id <> coalesce(decided_by_account_id, opened_by_account_id)),
    CHECK ((state IN ('approved', 'refused')) = (decided_at IS NOT NULL)),
    CHECK ((state = 'refused') = (refusal_reason IS NOT NULL))
);
-- One undecided case for an account, and the lists of both tabs.
CREATE UNIQUE INDEX reactivation_case_undecided ON reactivation_case (account_id) WHERE state IN ('open', 'checked');
CREATE INDEX reactivation_case_waiting ON reactivation_case (position) WHERE state IN ('open', 'checked');
CREATE INDEX reactivation_case_done ON reactivation_case (position) WHERE state IN ('approved', 'refused');
CREATE INDEX reactivation_case_decided ON reactivation_case (decided_at) WHERE decided_at IS NOT NULL;
