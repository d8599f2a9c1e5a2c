-- Attempts to sign in that failed, for all processes together: the table that RateLimiterPostgres of rate-limiter-flexible expects.
CREATE TABLE sign_in_failure (
  key    varchar(255) PRIMARY KEY,                                   -- what is counted, and a hash of whom
  points integer      NOT NULL DEFAULT 0,
  expire bigint                                                      -- milliseconds since 1970
);
