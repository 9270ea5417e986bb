-- Which privacy notices the owner of an account has agreed to. `consent` keeps what an applicant agreed to; the account
-- that comes of the application begins with the same.
CREATE TABLE account_consent (
    account_id     uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    notice_version text        NOT NULL REFERENCES privacy_notice,
    agreed_at      timestamptz NOT NULL,
    how            text        NOT NULL CHECK (how IN ('application', 'login', 'demonstration')),
    ip             inet,
    PRIMARY KEY (account_id, notice_version)
);
CREATE INDEX account_consent_to ON account_consent (notice_version);

INSERT INTO account_consent (account_id, notice_version, agreed_at, how, ip)
SELECT account_id, notice_version, agreed_at, 'application', ip FROM account JOIN consent USING (application_id);

-- Whoever logged in after a new version of the notice is asked before anything else; once they said "not now", it is on
-- record.
ALTER TABLE session
    ADD COLUMN needs_consent       boolean NOT NULL DEFAULT false,
    ADD COLUMN consent_declined_at timestamptz;
