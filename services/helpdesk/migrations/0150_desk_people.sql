-- Whoever works at the desk, from their first call with a role of the desk on, until accounts says that the account
-- is frozen, disabled or closed. `seen_at`: when they last called, to the hour.
CREATE TABLE desk_person (
    account_id uuid PRIMARY KEY,
    name       text NOT NULL,
    seen_at    timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX desk_person_name ON desk_person (name) WHERE ended_at IS NULL;

INSERT INTO desk_person (account_id, name, seen_at)
SELECT DISTINCT ON (author_id) author_id, author_name, at FROM entry
WHERE author_id IS NOT NULL AND at > now() - interval '90 days'
ORDER BY author_id, at DESC;

-- It answered who works here, which the table does now.
DROP INDEX entry_author;
