import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActivityDefinition, CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { CASES_FOLDER } from '../../scripts/conformance/run-cases.ts'
import type { Resource } from '../fhir/resource.ts'
import { compilePlan } from './compile-plan.ts'
import { decide } from './decide.ts'
import type { DataHappening } from './happening.ts'
import { toNamedEvent } from './named-event.ts'

/** Public cases of triggers. No operation of FHIR's tells what a trigger sets off, so the core itself is asked. */
const FOLDER = join(CASES_FOLDER, 'apply')
const cases = existsSync(FOLDER)
  ? readdirSync(FOLDER).filter((name) => {
      const request = join(FOLDER, name, 'request.json')
      return existsSync(request) && readJson(request).operation === 'trigger'
    })
  : []

if (cases.length === 0) test.skip('the public cases do not stand beside this checkout', () => {})
else {
  test.each(cases)('%s', (name) => {
    expect(firedBy(join(FOLDER, name))).toEqual(readJson(join(FOLDER, name, 'expected.json')).fires)
  })
}

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
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan' },
    subject: { reference: subject },
  }
  const { trace } = decide({
    ...{ plan, carePlan, goals: [], history: data, openTasks: [], now: new Date(now), newId: () => 'new' },
    happening: happeningOf(event, data, subject, now),
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
