-- Contacts of an account that were proved, at most two of a kind; account.email and account.mobile repeat the first ones.
CREATE TABLE account_contact (
    contact_id  uuid PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    kind        text        NOT NULL CHECK (kind IN ('email', 'mobile')),
    value       text        NOT NULL,
    -- Equal for two spellings of one address.
    compared    text        NOT NULL,
    is_primary  boolean     NOT NULL,
    verified_at timestamptz NOT NULL,
    UNIQUE (account_id, kind, compared)
);
CREATE UNIQUE INDEX account_contact_first ON account_contact (account_id, kind) WHERE is_primary;
INSERT INTO account_contact (contact_id, account_id, kind, value, compared, is_primary, verified_at)
SELECT gen_random_uuid(), account_id, 'email', email, email, true, approved_at FROM account WHERE state <> 'closed'
UNION ALL
SELECT gen_random_uuid(), account_id, 'mobile', mobile, mobile, true, approved_at FROM account
WHERE state <> 'closed' AND mobile IS NOT NULL;

-- What owners change of their own data. No row: what stands in the application.
CREATE TABLE account_profile (
    account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    phone      text,
    fax        text,
    department text,
    title      text,
    version    integer     NOT NULL,
    changed_at timestamptz NOT NULL
);

-- A contact asked for, which counts after its code; then how to undo it. `before` is what all contacts were.
CREATE TABLE contact_change (
    change_id    uuid PRIMARY KEY,
    account_id   uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    change       text        NOT NULL,
    kind         text        NOT NULL,
    contact_id   uuid,
    value        text,
    requested_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    changed_at   timestamptz,
    before       jsonb,
    undo_hash    bytea UNIQUE,
    undo_until   timestamptz,
    undone_at    timestamptz
);
CREATE INDEX contact_change_of ON contact_change (account_id, requested_at);
CREATE INDEX contact_change_by_age ON contact_change (requested_at);
CREATE INDEX challenge_of_account ON challenge (account_id, created_at) WHERE account_id IS NOT NULL;
