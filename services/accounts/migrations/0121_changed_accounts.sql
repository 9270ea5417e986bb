-- When what downstream systems are told of an account changed last.
ALTER TABLE account ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE account ALTER COLUMN changed_at SET DEFAULT clock_timestamp();
CREATE INDEX account_changed ON account (changed_at);

CREATE FUNCTION note_change_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER account_changes
    BEFORE UPDATE OF state, account_name, name, identity_type, roles, systems, organisation_id ON account
    FOR EACH ROW
    WHEN ((OLD.state, OLD.account_name, OLD.name, OLD.identity_type, OLD.roles, OLD.systems, OLD.organisation_id)
          IS DISTINCT FROM
          (NEW.state, NEW.account_name, NEW.name, NEW.identity_type, NEW.roles, NEW.systems, NEW.organisation_id))
    EXECUTE FUNCTION note_change_of_account();
