-- ELM that CQL was translated into, by the hash of the CQL and of the translator: what a Library says when it runs. All of it can be
-- made again from the Libraries; it is kept because translating takes seconds.
CREATE TABLE cql_translation (
  source_hash   text PRIMARY KEY,
  elm           text NOT NULL,
  translated_at timestamptz NOT NULL DEFAULT now()
);
