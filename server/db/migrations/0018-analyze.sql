-- PostgreSQL looks at a table's statistics anew when a tenth of it has changed. For `resource` that means to read 120,000 rows from
-- all over the table and to hash their tokens: at 1,000,000 rows 3.4 s of one core, and most of the table through the cache (measured).
-- The shares that the statistics hold hardly change with what is added.
ALTER TABLE resource SET (autovacuum_analyze_scale_factor = 0.3);
