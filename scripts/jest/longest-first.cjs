// Jest begins with what took longest the last time. In a checkout where nothing has run it knows no times and goes by the size of the
// files; then a short file that takes a minute comes last, and one worker waits for the other. So the longest are named here.
const { default: Sequencer } = require('@jest/test-sequencer')

const LONGEST = [
  'server/journeys/clinician-app',
  'server/journeys/pathways-are-followed',
  'server/journeys/conformance',
  'server/journeys/operation-examples',
  'server/journeys/start-and-stop',
  'server/journeys/crash',
  'server/journeys/start-page',
  'server/journeys/smart-app-launch',
  'server/journeys/start-as-user',
  'scripts/pathways/pathways',
  'server/journeys/plan-comes-into-force',
  'server/journeys/bench',
  'scripts/profiles/build-profiles',
  'server/journeys/cql-is-evaluated',
  'server/journeys/start-fails',
  'server/journeys/search-parameter',
  'server/journeys/homes-are-simulated',
  'server/journeys/clinician-app-in-ehr',
  'server/journeys/roles',
  'server/journeys/authorization-pages',
  'server/representation/every-element',
  'server/journeys/enrolment-ends',
  'server/journeys/patients-are-moved',
  'server/journeys/plan-is-tried',
  'server/journeys/several-processes',
  'server/journeys/days-pass',
  'server/journeys/readme',
  'server/demo/seed',
  'server/expressions/expressions',
  'server/journeys/task-is-worked',
  'server/journeys/audit',
  'server/journeys/server-keys',
  'server/journeys/plan-version',
  'server/plans/engine',
  'server/db/embedded',
  'server/journeys/token-keeps-its-bounds',
  'server/journeys/record-is-closed',
  'server/journeys/plan-package',
  'server/journeys/whole-record',
  'server/journeys/mutated-input',
  'server/journeys/patient-is-enrolled',
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
