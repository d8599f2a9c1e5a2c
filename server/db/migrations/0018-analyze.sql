-- PostgreSQL looks at a table's statistics anew when a tenth of it has changed. For `resource` that means to hash the tokens of
-- 120,000 rows, 15 s of one core: at 1,000,000 rows and 2,000 new ones a second, every 50 s, half of that core (measured). The
-- shares that the statistics hold hardly change with what is added.
ALTER TABLE resource SET (autovacuum_analyze_scale_factor = 0.3);
