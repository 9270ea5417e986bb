-- How far the audit log was verified, and what was found: one row. The hash of the last entry is kept here as well, so that
-- an entry altered later, or an end that was cut off, does not fit.
CREATE TABLE audit_verified (
    only_one        boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
    position        bigint      NOT NULL,
    hash            bytea       NOT NULL,
    verified_at     timestamptz NOT NULL,
    broken_position bigint
);
