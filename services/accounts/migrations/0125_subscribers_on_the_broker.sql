-- Whether the broker has what the records of downstream systems say: each change of them is counted in its own
-- transaction, whoever makes it, and wakes the process that brings the broker in line.
CREATE TABLE subscriber_broker (
    only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    changed    bigint      NOT NULL DEFAULT 0,
    applied    bigint      NOT NULL DEFAULT 0,
    applied_at timestamptz,
    failed_at  timestamptz,
    failure    text        NOT NULL DEFAULT ''
);
-- A portal that had systems before looks once whether the broker has them.
INSERT INTO subscriber_broker (changed) SELECT count(*) FROM subscriber;

CREATE FUNCTION subscriber_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE subscriber_broker SET changed = changed + 1;
    PERFORM pg_notify('subscriber_changed', '');
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON subscriber
    FOR EACH STATEMENT EXECUTE FUNCTION subscriber_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON subscriber_grant
    FOR EACH STATEMENT EXECUTE FUNCTION subscriber_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON subscriber_credential
    FOR EACH STATEMENT EXECUTE FUNCTION subscriber_changed();
