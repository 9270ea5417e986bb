-- Since when the fax number of an account is known: notify and accounts both say it, in whatever order.
ALTER TABLE account_known ADD COLUMN fax_as_of timestamptz NOT NULL DEFAULT '-infinity';
UPDATE account_known SET fax_as_of = as_of WHERE as_of > '-infinity' AND as_of < 'infinity';

-- One number had two masks: of whoever has no name but that, it is the one that others have now.
UPDATE requester r SET name = left(a.address_key, 4) || ' ' || substr(a.address_key, 5, 1) || '•• ••• ' || right(a.address_key, 3)
FROM requester_address a
WHERE a.requester_id = r.requester_id AND a.channel IN ('fax', 'phone') AND length(a.address_key) >= 11
  AND r.name ~ '^[+]?[0-9]{4}•+[0-9]{3}$' AND left(r.name, 4) = left(a.address_key, 4) AND right(r.name, 3) = right(a.address_key, 3);
