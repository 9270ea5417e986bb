-- Files about to be put into the object store: a row goes when its file is attached. What is left was refused in the last
-- moment, or its process died.
CREATE TABLE unattached_form (
    key       text PRIMARY KEY,
    stored_at timestamptz NOT NULL
);
CREATE INDEX form_file_key ON form_file (key);
