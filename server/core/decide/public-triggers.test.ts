import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActivityDefinition, CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { CASES_FOLDER } from '../../../scripts/conformance/run-cases.ts'
import type { Resource } from '../fhir/resource.ts'
import { decide } from './decide.ts'
import type { DataHappening } from './happening.ts'
import { type CompiledPlan, compilePlan } from './plan/compile-plan.ts'
import { toNamedEvent } from './plan/named-event.ts'

/** Public cases of triggers. No operation of FHIR's tells what a trigger sets off, so the core itself is asked. */
const FOLDER = join(CASES_FOLDER, 'apply')
const cases = existsSync(FOLDER)
  ? readdirSync(FOLDER).filter((name) => {
      const request = join(FOLDER, name, 'request.json')
      return existsSync(request) && readJson(request).operation === 'trigger'
    })
  : []

test(`an event of its name fires a rule, another does not${cases.length > 0 ? '' : '; the public cases are not at hand'}`, () => {
  const url = 'http://x.example/PlanDefinition/p'
  const trigger = [{ type: 'named-event' as const, name: 'discharged' }]
  const plan = compilePlan(
    { resourceType: 'PlanDefinition', url, status: 'active', action: [{ id: 'a', trigger }] },
    () => undefined,
  )
  const at = '2026-03-05T12:00:00Z'
  const said = { subject: 'Patient/p', at, data: [] }
  expect(firedIn(plan, { ...said, event: { type: 'named-event', name: 'discharged' } })).toEqual([`${url}#a`])
  expect(firedIn(plan, { ...said, event: { type: 'named-event', name: 'admitted' } })).toEqual([])
})

if (cases.length > 0)
  test.each(cases)('%s', (name) => {
    expect(firedBy(join(FOLDER, name))).toEqual(readJson(join(FOLDER, name, 'expected.json')).fires)
  })

type Reference = { reference: string }
type Event = { type: string; name?: string; current?: Reference; previous?: Reference }

function firedBy(folder: string): string[] {
  const { definition, now, event, parameters } = readJson(join(folder, 'request.json'))
  const definitions = readAll(join(folder, 'definitions'))
  const data = readAll(join(folder, 'data'))
  const find = (canonical: string) => definitions.find(({ url }) => url === canonical.split('|')[0])
  const subject = parameters.parameter.find((one: { name: string }) => one.name === 'subject').valueString
  const plan = compilePlan(
    find(definition) as Resource & PlanDefinition,
    (canonical) => find(canonical) as (Resource & ActivityDefinition) | undefined,
  )
  return firedIn(plan, { event, data, subject, at: now })
}

type Situation = { event: Event; data: Resource[]; subject: string; at: string }

function firedIn(plan: CompiledPlan, { event, data, subject, at }: Situation): string[] {
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan' },
    subject: { reference: subject },
  }
  const { trace } = decide({
    ...{ plan, carePlan, goals: [], history: data, openTasks: [], now: new Date(at), newId: () => 'new' },
    happening: happeningOf(event, data, subject, at),
    subject: data.find((one) => `${one.resourceType}/${one.id}` === subject),
  })
  return trace.flatMap(({ actionId, outcome }) => (outcome === 'applicable' ? [`${plan.url}#${actionId}`] : []))
}

function happeningOf(event: Event, data: Resource[], subject: string, at: string): DataHappening {
  const at_ = (to: Reference | undefined) =>
    data.find(({ resourceType, id }) => to?.reference === `${resourceType}/${id}`)
  if (event.type === 'named-event') {
    const current = toNamedEvent({ name: String(event.name), subject, at }) as unknown as Resource
    return { kind: 'data', interaction: 'create', current: { ...current, id: 'event' } }
  }
  const interaction = ({ 'data-added': 'create', 'data-removed': 'delete' } as const)[event.type] ?? 'update'
  const current = at_(event.current)
  const previous = at_(event.previous)
  return { kind: 'data', interaction, ...(current ? { current } : {}), ...(previous ? { previous } : {}) }
}

const readAll = (folder: string): Resource[] =>
  existsSync(folder) ? readdirSync(folder).map((file) => readJson(join(folder, file))) : []

// biome-ignore lint/suspicious/noExplicitAny: the cases are looked at by the test that reads them
function readJson(file: string): any {
  return JSON.parse(readFileSync(file, 'utf8'))
}
