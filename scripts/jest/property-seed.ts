import fc from 'fast-check'

// The same properties for the same code, so that a red run is about the change that it ran on. `PROPERTY_SEED=random npm test` looks
// for what this seed has not met; fast-check prints the seed of what it finds. Who may see what is another matter: its world is a new one
// each run (begin-run.ts).
const given = process.env.PROPERTY_SEED ?? '20261122'
if (given !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given) })
