import fc from 'fast-check'

// Another world each run, so that it looks where none has looked before: chosen in begin-run.ts, said when the run begins, and by fast-check
// beside what it finds. `PROPERTY_SEED=1234 npm test` meets the same again.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROPERTY_SEED) })
