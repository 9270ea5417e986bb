-- The age of a password counts for people of the bureau: for one that was set before this was kept, from today on.
UPDATE account SET password_set_at = now()
WHERE password_set_at IS NULL AND password_hash IS NOT NULL AND identity_type = 'bureau' AND state <> 'closed';
