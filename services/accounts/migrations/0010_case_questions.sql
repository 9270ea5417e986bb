-- A question about a case: one id for the page that asks, and a code of its own for every address that may answer.
ALTER TABLE challenge ADD COLUMN question_id uuid;
UPDATE challenge SET question_id = challenge_id WHERE purpose = 'case_access';
CREATE INDEX challenge_of_question ON challenge (question_id) WHERE question_id IS NOT NULL;
-- By ID number one finds what was handed in; a draft proves nothing about whose number it names.
CREATE INDEX application_submitted_by_person ON application (person_index) WHERE status <> 'draft';
