-- A message may have several deliveries: to several addresses, on several channels, or to another channel after one
-- failed. Each has an id of its own, from which the Message-ID and the references of other providers are made. Until now
-- every message had one delivery, which keeps the message's id: a mail that is tried again stays the mail it was.
ALTER TABLE delivery ADD COLUMN delivery_id uuid;
UPDATE delivery SET delivery_id = first.delivery_id
FROM (
    SELECT message_id, channel,
        CASE WHEN row_number() OVER (PARTITION BY message_id ORDER BY channel) = 1 THEN message_id
            ELSE gen_random_uuid() END AS delivery_id
    FROM delivery
) first
WHERE delivery.message_id = first.message_id AND delivery.channel = first.channel;

ALTER TABLE attempt ADD COLUMN delivery_id uuid;
UPDATE attempt SET delivery_id = d.delivery_id
FROM delivery d
WHERE attempt.message_id = d.message_id AND attempt.channel = d.channel;

ALTER TABLE attempt DROP CONSTRAINT attempt_message_id_channel_fkey, DROP CONSTRAINT attempt_pkey;
ALTER TABLE delivery DROP CONSTRAINT delivery_pkey, ADD PRIMARY KEY (delivery_id);
CREATE UNIQUE INDEX delivery_of_message ON delivery (message_id, channel, recipient);
ALTER TABLE attempt ADD PRIMARY KEY (delivery_id, attempt), DROP COLUMN message_id,
    ADD FOREIGN KEY (delivery_id) REFERENCES delivery (delivery_id);

-- What the provider calls it, so that a receipt finds the attempt that it is about.
-- The receipt stands with its attempt.
ALTER TABLE attempt
    ADD COLUMN provider_ref text,
    ADD COLUMN receipt text,
    ADD COLUMN receipt_detail text,
    ADD COLUMN receipt_at timestamptz;
CREATE INDEX attempt_by_provider_ref ON attempt (channel, provider_ref) WHERE provider_ref IS NOT NULL;

ALTER TABLE delivery
    ADD COLUMN provider_ref text,
    -- The delivery that failed, for which this one stands in.
    ADD COLUMN fallback_from uuid REFERENCES delivery (delivery_id),
    -- Quiet hours: not tried sooner.
    ADD COLUMN not_before timestamptz,
    -- A provider knows a reference for a time only: when it can have heard of this delivery first.
    ADD COLUMN first_tried_at timestamptz,
    -- Of a fax: how many arrived.
    ADD COLUMN pages integer,
    DROP CONSTRAINT delivery_state_check,
    ADD CONSTRAINT delivery_state_check CHECK (state IN ('waiting', 'sent', 'delivered', 'failed', 'cancelled'));
CREATE INDEX delivery_fallback ON delivery (fallback_from) WHERE fallback_from IS NOT NULL;
-- What waits for its receipt, oldest first.
CREATE INDEX delivery_sent ON delivery (channel, finished_at) WHERE state = 'sent';

-- Whose message it is: an account or an application; nobody's where a code or an operator is written to.
ALTER TABLE message
    ADD COLUMN person_kind text,
    ADD COLUMN person_id uuid,
    ADD COLUMN category text NOT NULL DEFAULT 'information',
    ADD COLUMN read_at timestamptz,
    -- Why a message has no delivery.
    ADD COLUMN no_delivery_reason text,
    ADD CONSTRAINT message_person_check CHECK ((person_kind IS NULL) = (person_id IS NULL));
UPDATE message SET
    person_kind = CASE WHEN kind LIKE 'application\_%' THEN 'application'
        WHEN kind IN ('verification_code', 'privacy_request_received', 'privacy_request_answered',
            'privacy_request_due') THEN NULL
        ELSE 'account' END,
    category = CASE
        WHEN kind IN ('application_returned', 'application_rejected', 'application_withdrawn', 'account_frozen',
            'account_disabled', 'account_closed', 'privacy_request_received', 'privacy_request_answered') THEN 'legal'
        WHEN kind IN ('reminder_due', 'privacy_request_due') THEN 'reminder'
        WHEN kind IN ('application_received', 'application_resubmitted', 'account_activated') THEN 'information'
        ELSE 'security' END,
    person_id = CASE WHEN kind IN ('verification_code', 'privacy_request_received', 'privacy_request_answered',
        'privacy_request_due') THEN NULL ELSE subject_id END;
ALTER TABLE message ALTER COLUMN category DROP DEFAULT;
CREATE INDEX message_of_person ON message (person_kind, person_id, created_at DESC) WHERE person_id IS NOT NULL;
CREATE INDEX message_unread ON message (person_kind, person_id) WHERE person_id IS NOT NULL AND read_at IS NULL;
-- A secret is kept as long as a delivery may need it, and never longer than it is worth something.
CREATE INDEX message_with_secret ON message (expires_at) WHERE sealed_secret IS NOT NULL;
