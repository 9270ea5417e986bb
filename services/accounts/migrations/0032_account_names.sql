-- A name that somebody applies with is reserved from the page where it is typed: one row, so that of two who want it at
-- once the database decides. `until` ends it earlier than its application where nothing is proved; `holder` is whose
-- reservations are counted together.
CREATE TABLE account_name_hold (
    name           text PRIMARY KEY,
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    holder         text        NOT NULL,
    held_at        timestamptz NOT NULL,
    until          timestamptz
);
CREATE INDEX account_name_hold_of ON account_name_hold (application_id);
CREATE INDEX account_name_hold_by ON account_name_hold (holder, held_at);
INSERT INTO account_name_hold (name, application_id, holder, held_at)
SELECT lower(account_name), application_id, 'application', submitted_at FROM application
WHERE status IN ('submitted', 'in_review', 'returned') AND account_name IS NOT NULL
ORDER BY submitted_at
ON CONFLICT DO NOTHING;
-- Approved when another account had got the name: the one asked for, until its owner has chosen another.
ALTER TABLE account ADD COLUMN name_wanted text;
