-- How far work that goes through a table has come, whatever the work is.
ALTER TABLE tallied RENAME TO watermarks;
ALTER TABLE watermarks RENAME COLUMN what TO work;

-- The words of people are kept in the order of their rows: no index of those who wait, which every registration wrote.
INSERT INTO watermarks (work, up_to)
SELECT 'search_words', up_to FROM (
    SELECT COALESCE((SELECT MIN(id) - 1 FROM contacts WHERE words_of IS NULL OR words_of <> name),
                    (SELECT MAX(id) FROM contacts)) AS up_to) AS kept
 WHERE up_to IS NOT NULL;
DROP INDEX contacts_without_words;
ALTER TABLE contacts DROP COLUMN words_of;
