-- How somebody came to answer: it is still so when the invitation or the round is gone.
ALTER TABLE assessments ADD COLUMN answered_as TEXT NOT NULL DEFAULT 'alone';

UPDATE assessments SET answered_as = 'guest'
 WHERE id IN (SELECT guest_id FROM assessment_invitations WHERE guest_id IS NOT NULL);

UPDATE assessments SET answered_as = 'one_of_several'
 WHERE id IN (SELECT assessment_id FROM assessment_seats WHERE assessment_id IS NOT NULL);
