import type { Resource } from '../core/fhir/resource.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { OwnChanges } from './own-changes.ts'

const event = (id: string, version: number, more: Partial<FeedEvent> = {}): FeedEvent => ({
  ...{ xid: '1', seq: '1', bucket: 1, rk: '1', type: 'Task', id, version, interaction: 'create', patient: 'p' },
  ...{ recorded_at: new Date(0), depth: 1, actor: 'Device/plan-engine', ...more },
})
const task = (id: string, more: object = {}): Resource => ({ resourceType: 'Task', id, ...more })
const questionnaire = {
  input: [{ type: { text: 'skjema' }, valueCanonical: 'http://fylgje.no/fhir/Questionnaire/copd-diary' }],
}
const NOBODY = new Set<string>()

test('a Task that a round of this process wrote is passed once', () => {
  const own = new OwnChanges()
  own.add([{ resource: task('1'), version: 1 }])
  expect(own.passes(event('1', 1), NOBODY)).toBe(true)
  expect(own.passes(event('1', 1), NOBODY)).toBe(false)
})

test.each([
  ['the version of somebody else', event('1', 2), NOBODY],
  ["a caller's own change", event('1', 1, { depth: 0 }), NOBODY],
  ['another Task', event('2', 1), NOBODY],
  ['a Task that some plan listens to', event('1', 1), new Set(['Task'])],
])('%s is looked at', (_name, given, types) => {
  const own = new OwnChanges()
  own.add([{ resource: task('1'), version: 1 }])
  expect(own.passes(given, types)).toBe(false)
})

test('what has a schedule, or is no Task, is looked at', () => {
  const own = new OwnChanges()
  const basic: Resource = { resourceType: 'Basic', id: '2' }
  own.add([
    { resource: task('1', questionnaire), version: 1 },
    { resource: basic, version: 1 },
  ])
  expect(own.passes(event('1', 1), NOBODY)).toBe(false)
  expect(own.passes(event('2', 1, { type: 'Basic' }), NOBODY)).toBe(false)
})
