-- Files that are chosen for an answer and kept until it is sent; rows are forgotten a day later.
CREATE TABLE kept_file (
    file_id    uuid PRIMARY KEY,
    ticket_id  uuid NOT NULL REFERENCES ticket (ticket_id) ON DELETE CASCADE,
    -- `account:…` or `ticket:…`, as the call names its caller: nobody else puts it into an answer.
    kept_by    text NOT NULL CHECK (length(kept_by) <= 100),
    kept_at    timestamptz NOT NULL,
    file_key   text NOT NULL,
    filename   text NOT NULL CHECK (length(filename) <= 200),
    media_type text NOT NULL,
    size       bigint NOT NULL CHECK (size >= 0),
    sha256     text NOT NULL,
    held_back  text NOT NULL DEFAULT '' CHECK (length(held_back) <= 40),
    -- False until its bytes lie in the store.
    stored     boolean NOT NULL DEFAULT false,
    -- Once it belongs to an answer, which has a row of its own for it.
    used_at    timestamptz
);
CREATE INDEX kept_file_of ON kept_file (ticket_id, kept_by, kept_at);
CREATE INDEX kept_file_old ON kept_file (kept_at);

-- A file that is kept goes with its ticket: the store is told by what is noted here.
CREATE FUNCTION note_kept_file_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NULL THEN
        INSERT INTO file_to_delete (file_key) VALUES (OLD.file_key) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER kept_file_gone AFTER DELETE ON kept_file
    FOR EACH ROW EXECUTE FUNCTION note_kept_file_gone();
