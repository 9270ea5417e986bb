-- Whether something arrives at an address does not depend on how its owner spells it.
CREATE INDEX contact_point_by_spelling ON contact_point (channel, lower(address));
DROP INDEX contact_point_by_address;
