// Jest begins with what took longest the last time. In a checkout where nothing has run it knows no times and goes by the size of the
// files; then a short file that takes a minute comes last, and one worker waits for the other. So the longest are named here.
const { default: Sequencer } = require('@jest/test-sequencer')

const LONGEST = [
  'server/journeys/clinician-app',
  // These need no server: while the first one makes the data that all journeys begin with, the other workers are not kept waiting for it.
  'scripts/profiles/build-profiles',
  'server/representation/every-element',
  'server/journeys/pathways-are-followed',
  'server/journeys/conformance',
  'server/journeys/start-and-stop',
  'server/journeys/patient-app',
  'server/journeys/start-page',
  'server/journeys/crash',
  'server/journeys/operation-examples',
  'server/journeys/smart-app-launch',
  'server/journeys/start-as-user',
  'server/journeys/plan-comes-into-force',
  'server/journeys/bulk-data',
  'server/journeys/closed-alert-is-journaled',
  'server/journeys/homes-are-simulated',
  'server/journeys/bench',
  'server/journeys/roles',
  'server/journeys/several-processes',
  'server/journeys/search-parameter',
  'server/journeys/start-fails',
  'server/journeys/cql-is-evaluated',
  'server/journeys/task-is-worked',
  'server/journeys/authorization-pages',
  'server/journeys/patients-are-moved',
  'server/journeys/days-pass',
  'server/journeys/subscriber-is-told',
  'server/journeys/audit',
  'server/db/embedded',
  'server/demo/seed',
  'server/journeys/clinician-app-in-ehr',
  'server/journeys/plan-is-tried',
  'server/journeys/plan-version',
  'server/journeys/whole-record',
  'server/journeys/enrolment-ends',
  'scripts/pathways/pathways',
  'server/journeys/readme',
  'scripts/access-matrix/matrix',
  'server/plans/alarm-watch',
  'server/journeys/mutated-input',
  'server/journeys/token-keeps-its-bounds',
  'server/journeys/history',
  'server/expressions/expressions',
  'server/journeys/patient-is-enrolled',
  'server/journeys/plan-package',
  'server/journeys/record-is-closed',
  'server/plans/engine',
  'server/journeys/server-keys',
  'server/journeys/operations-told',
  'server/journeys/decision-is-explained',
  'server/journeys/limits-are-set',
  'server/journeys/terminology',
  'server/journeys/interactions',
  'server/apps/built-app',
  'server/cql/translator',
].map((name) => `/${name}.test.ts`)

const placeOf = ({ path }) => {
  const place = LONGEST.findIndex((name) => path.endsWith(name))
  return place < 0 ? LONGEST.length : place
}

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests)
    const hasTimes = sorted.some(({ duration }) => duration !== undefined)
    return hasTimes ? sorted : sorted.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}
