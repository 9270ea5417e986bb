-- Webhooks of downstream systems without AMQP (docs/subscribe.md). Such a system has no user on the broker.
ALTER TABLE subscriber ADD COLUMN by_webhook boolean NOT NULL DEFAULT false;

CREATE TABLE subscriber_webhook (
    subscriber_id uuid PRIMARY KEY REFERENCES subscriber ON DELETE CASCADE,
    url           text        NOT NULL,
    set_at        timestamptz NOT NULL
);

-- The secrets that sign what is sent, sealed for notify: nobody here can read them. Numbers are never used again.
CREATE TABLE webhook_secret (
    subscriber_id uuid        NOT NULL REFERENCES subscriber_webhook ON DELETE CASCADE,
    number        integer     NOT NULL,
    sealed        text        NOT NULL,
    issued_at     timestamptz NOT NULL,
    ends_at       timestamptz,
    PRIMARY KEY (subscriber_id, number)
);
