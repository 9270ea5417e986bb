-- Messages of LINE whose picture or file is being fetched; a row goes when the message is handed over.
CREATE TABLE line_content (
    message_id       uuid PRIMARY KEY,
    webhook_event_id text NOT NULL CHECK (length(webhook_event_id) <= 64),
    line_user_id     text NOT NULL CHECK (length(line_user_id) <= 40),
    kind             text NOT NULL CHECK (length(kind) <= 20),
    text             text NOT NULL CHECK (length(text) <= 5000),
    sent_at          timestamptz NOT NULL,
    content_id       text NOT NULL CHECK (length(content_id) <= 40),
    filename         text NOT NULL CHECK (length(filename) <= 200),
    tries            integer NOT NULL DEFAULT 0,
    next_try_at      timestamptz NOT NULL
);
CREATE INDEX line_content_due ON line_content (next_try_at);
