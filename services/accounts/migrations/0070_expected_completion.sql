-- The day by which the whole route should be done, as review tells it; `due_on` is that of the stage at hand. Of a case
-- on its last stage the two are the same; for the others the next event brings it.
ALTER TABLE application ADD COLUMN expected_on date;
UPDATE application SET expected_on = due_on WHERE stage = stages;
