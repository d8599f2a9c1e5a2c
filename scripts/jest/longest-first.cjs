// Jest begins with what took longest the last time. In a checkout where nothing has run it knows no times and goes by the size of the
// files; then a short file that takes a minute comes last, and one worker waits for the other. So the longest are named here.
const { default: Sequencer } = require('@jest/test-sequencer')

const LONGEST = [
  'server/journeys/conformance',
  'server/journeys/pathways-are-followed',
  'server/journeys/start-page',
  'server/journeys/smart-app-launch',
  'server/journeys/start-and-stop',
  'server/journeys/crash',
  'server/journeys/bench',
  'server/journeys/start-as-user',
  'server/journeys/operation-examples',
  'server/journeys/patients-are-moved',
  'server/journeys/task-is-worked',
  'server/journeys/roles',
  'server/journeys/plan-comes-into-force',
  'server/journeys/cql-is-evaluated',
  'server/plans/timers',
  'scripts/profiles/build-profiles',
  'server/journeys/search-parameter',
  'server/plans/engine',
  'server/journeys/start-fails',
  'server/journeys/enrolment-ends',
  'server/representation/every-element',
  'server/journeys/homes-are-simulated',
  'server/journeys/plan-is-tried',
  'server/journeys/mutated-input',
  'server/plans/replay',
  'scripts/access-matrix/matrix',
  'scripts/pathways/pathways',
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
