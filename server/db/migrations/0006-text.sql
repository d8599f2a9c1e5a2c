-- Words of narratives (`_text`, key 1) and of all that is written for people in a resource (`_content`, key 2), each word in its
-- Norwegian and its English stem. Measurements of devices have no row here (search/extract-text.ts).
CREATE TABLE search_text (
  bucket smallint NOT NULL,
  rk     bigint   NOT NULL,
  key    integer  NOT NULL,
  part   smallint NOT NULL,
  words  tsvector NOT NULL
);
CREATE INDEX search_text_row ON search_text (bucket, rk);
CREATE INDEX search_text_words ON search_text USING gin (words);

-- What is stored already is indexed in the background, as for a search parameter that is added.
INSERT INTO reindex_job (parameter, type, code, keys, starts_at)
SELECT code, type, code, ARRAY[key], now()
  FROM (SELECT DISTINCT type FROM resource WHERE NOT deleted) t, (VALUES ('_text', 1), ('_content', 2)) AS k(code, key);
