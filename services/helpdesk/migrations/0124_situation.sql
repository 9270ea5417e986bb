-- What a shift leaves to the next, by the word that the field uses for it (ADR 0029).
ALTER TABLE handover RENAME COLUMN standing TO situation;
