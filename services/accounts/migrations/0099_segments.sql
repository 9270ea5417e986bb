-- All managers are written to together: they are few among many, and are read in the order of their ids.
CREATE INDEX account_manager ON account (account_id)
    WHERE 'organisation_manager' = ANY(roles) AND state IN ('approved', 'active', 'frozen');
