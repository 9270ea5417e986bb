-- Work on documents costs seconds of a processor and megabytes: counted for a day, by draft and by where it came from.
CREATE TABLE document_work (
    application_id uuid        NOT NULL REFERENCES application ON DELETE CASCADE,
    source         text        NOT NULL,
    at             timestamptz NOT NULL
);
CREATE INDEX document_work_of ON document_work (application_id, at);
CREATE INDEX document_work_from ON document_work (source, at);
CREATE INDEX document_work_by_age ON document_work (at);

-- Files that no row names any more, or whole folders (with a slash at the end): removed after the commit that notes them,
-- and again by the clock until it has been done.
CREATE TABLE file_to_remove (
    key            text PRIMARY KEY,
    application_id uuid        NOT NULL,
    noted_at       timestamptz NOT NULL
);
CREATE INDEX file_to_remove_of ON file_to_remove (application_id);
CREATE INDEX file_to_remove_by_age ON file_to_remove (noted_at);

-- Forms that were replaced before anybody handed them in.
WITH replaced AS (
    DELETE FROM form_file WHERE replaced_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM submission WHERE submission.file_id = form_file.file_id)
    RETURNING key, application_id
)
INSERT INTO file_to_remove (key, application_id, noted_at) SELECT key, application_id, now() FROM replaced
ON CONFLICT DO NOTHING;
