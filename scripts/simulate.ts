// Posts measurements as patients' devices would, over FHIR REST, with the model of the demo data going on from now.
// `npm run simulate -- --help` says what can be set.
import { readArguments, USAGE, UsageError } from './simulate/arguments.ts'
import { Door, NoAnswer } from './simulate/door.ts'
import { findEnrolled } from './simulate/patients.ts'
import { simulate } from './simulate/simulation.ts'

try {
  const settings = readArguments(process.argv.slice(2))
  if (settings === 'help') console.log(USAGE)
  else {
    const stop = new AbortController()
    // The first Ctrl-C ends in order, with what is still on the way and a summary; the second ends at once.
    process.once('SIGINT', () => stop.abort())
    process.once('SIGTERM', () => stop.abort())
    const door = await Door.open(settings)
    const patients = await findEnrolled(door, settings.patients)
    const tally = await simulate({ door, patients, settings, stop: stop.signal, say: (line) => console.log(line) })
    if (tally.lost > 0) process.exitCode = 1
  }
} catch (error) {
  if (!(error instanceof UsageError || error instanceof NoAnswer)) throw error
  console.error(error.message)
  process.exitCode = 1
}
