-- Approved reactivations (復用), by the helpdesk or two operators: each counts once.
CREATE TABLE reactivation (
    reactivation_id    uuid PRIMARY KEY,
    account_id         uuid        NOT NULL REFERENCES account,
    checked_by         text        NOT NULL,
    approved_by        text        NOT NULL,
    reason             text        NOT NULL,
    evidence_reference text        NOT NULL,
    approved_at        timestamptz NOT NULL,
    applied_at         timestamptz NOT NULL,
    outcome            text        NOT NULL
);
CREATE INDEX reactivation_of ON reactivation (account_id);
