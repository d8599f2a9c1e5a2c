-- Keys that sign packages of plans. A package is kept for years: its key stays published, without its private half, after the next one signs.
ALTER TABLE authorization_key
  ADD COLUMN public_jwk jsonb,
  DROP CONSTRAINT authorization_key_use,
  DROP CONSTRAINT authorization_key_once,
  ADD CONSTRAINT authorization_key_use CHECK (use IN ('sig', 'cookie', 'dpop', 'package')),
  ADD CONSTRAINT authorization_key_published CHECK ((use = 'package') = (public_jwk IS NOT NULL)),
  ADD CONSTRAINT authorization_key_once CHECK (num_nonnulls(jwk, sealed) = 1 OR use = 'package' AND num_nonnulls(jwk, sealed) = 0);
