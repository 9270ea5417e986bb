-- Own copies of contacts, messages, and what became of each.

CREATE TABLE application_contact (
    application_id uuid PRIMARY KEY,
    case_number    text NOT NULL,
    name           text NOT NULL,
    email          text NOT NULL,
    locale         text NOT NULL,
    submission     integer NOT NULL
);

CREATE TABLE account_contact (
    account_id uuid PRIMARY KEY,
    name       text NOT NULL,
    email      text NOT NULL,
    locale     text NOT NULL
);

CREATE TABLE message (
    message_id       uuid PRIMARY KEY,
    event_id         uuid NOT NULL,
    kind             text NOT NULL,
    subject_id       uuid NOT NULL,
    locale           text NOT NULL,
    template_version integer NOT NULL,
    details          jsonb NOT NULL,
    sealed_secret    text,
    secret_context   text,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz
);
CREATE INDEX message_of_subject ON message (subject_id, created_at);
CREATE INDEX message_by_age ON message (created_at DESC, message_id);

CREATE TABLE delivery (
    message_id      uuid NOT NULL REFERENCES message (message_id),
    channel         text NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient       text NOT NULL,
    priority        smallint NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    lease_id        uuid,
    finished_at     timestamptz,
    failure         text,
    PRIMARY KEY (message_id, channel),
    CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL))
);
-- What a sender asks for: the most urgent of a channel that are due. A lease moves next_attempt_at on.
CREATE INDEX delivery_due ON delivery (channel, priority, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX delivery_failed ON delivery (finished_at) WHERE state = 'failed';

CREATE TABLE attempt (
    message_id uuid NOT NULL,
    channel    text NOT NULL,
    attempt    integer NOT NULL,
    at         timestamptz NOT NULL,
    outcome    text NOT NULL,
    detail     text NOT NULL,
    PRIMARY KEY (message_id, channel, attempt),
    FOREIGN KEY (message_id, channel) REFERENCES delivery (message_id, channel)
);
