-- How people reach the helpdesk (進線諮詢管道), and what they reported (客服障礙申告紀錄).

CREATE TABLE contact_channel (
    channel  text PRIMARY KEY CHECK (channel IN ('phone', 'email', 'fax', 'line')),
    address  text NOT NULL,
    position integer NOT NULL UNIQUE
);

INSERT INTO contact_channel (channel, address, position) VALUES
    ('phone', '0800-022-120', 1),
    ('email', 'service@mtnet.gov.tw', 2),
    ('fax', '02-8192-7019', 3),
    ('line', '@737qilqg', 4);

CREATE TABLE fault_report (
    fault_id        uuid PRIMARY KEY,
    reported_at     timestamptz NOT NULL,
    channel         text NOT NULL REFERENCES contact_channel (channel),
    affected_system text NOT NULL,
    severity        text NOT NULL CHECK (severity IN ('low', 'normal', 'high', 'critical')),
    description     text NOT NULL CHECK (description <> ''),
    workaround      text,
    resolved_at     timestamptz,
    CHECK (resolved_at >= reported_at)
);
-- What is broken now, worst first.
CREATE INDEX fault_report_open ON fault_report (severity, reported_at) WHERE resolved_at IS NULL;
