import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { allRules, type CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import { EVENT_KEY, type NamedEvent, toNamedEvent } from '../core/decide/plan/named-event.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import { DefinitionReader } from './definition-reader.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { compiledOf, readPlan } from './plan-reading.ts'

const ACCESS = engineAccess('named-event')

const EVENT: Parameter[] = [
  {
    name: 'name',
    type: 'string',
    min: 1,
    max: '1',
    documentation: 'What has happened, as TriggerDefinition.name has it.',
  },
  { name: 'about', type: 'Reference', min: 0, max: '1', documentation: 'What it is about, such as Encounter/1.' },
  {
    ...{ name: 'key', type: 'string', min: 0, max: '1' },
    documentation: 'The sender’s own name of this event: what is sent twice with one key happens once.',
  },
]
const RETURN: Parameter = {
  name: 'return',
  type: 'Basic',
  min: 1,
  max: '1',
  documentation: 'The event as it is stored.',
}

/**
 * CarePlan/{id}/$event: something with a name has happened in a plan that the patient is in; the actions with a named-event trigger
 * of that name are decided about by the engine.
 * @throws Refusal not-found (also what the caller may not change), business-rule (a CarePlan that is not active, or of whose plans
 *   none listens to that name; the names that they listen to are told)
 * @see https://hl7.org/fhir/R4/metadatatypes.html#TriggerDefinition
 */
export const carePlanEvent: Operation = {
  code: 'event',
  title: 'Raise a named event',
  description: 'Tells the plan of a CarePlan that something with a name has happened.',
  resource: ['CarePlan'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: EVENT,
  out: [RETURN],
  handler: (exchange, rooms) => raiseInCarePlan(exchange, rooms),
}

/** PlanDefinition/{id}/$event: the same for one subject, in whichever CarePlans follow this plan. */
export const planDefinitionEvent: Operation = {
  ...carePlanEvent,
  title: 'Raise a named event of a plan',
  description: 'Tells a plan that something with a name has happened to one of those who are in it.',
  resource: ['PlanDefinition'],
  letter: 'r',
  in: [{ name: 'subject', type: 'Reference', min: 1, max: '1', documentation: 'To whom it has happened.' }, ...EVENT],
  handler: (exchange, rooms) => raiseInPlan(exchange, rooms),
}

const raiseInCarePlan: Handler = async (exchange, rooms) => {
  const given = readGiven(exchange, carePlanEvent)
  const carePlan = await readToChange(exchange, rooms, exchange.id)
  if (carePlan.status !== 'active') {
    throw refuse(
      'business-rule',
      `CarePlan/${exchange.id} is ${carePlan.status}; its plan hears nothing.`,
      'CarePlan.status',
    )
  }
  const reader = new DefinitionReader(exchange, rooms)
  const plans = await Promise.all(
    (carePlan.instantiatesCanonical ?? []).map(async (canonical) => {
      const plan = await reader.findDefinition(canonical, ['PlanDefinition'], false)
      if (!plan) return []
      const definition = plan as Resource & PlanDefinition
      return compiledOf(definition, await reader.readDefinitions(definition))
    }),
  )
  mustBeHeard(String(given.text('name')), plans.flat())
  return raise(exchange, rooms, { ...eventOf(given, carePlan), carePlan: `CarePlan/${exchange.id}` })
}

const raiseInPlan: Handler = async (exchange, rooms) => {
  const given = readGiven(exchange, planDefinitionEvent)
  const { plan, compiled } = await readPlan(exchange, rooms)
  mustBeHeard(String(given.text('name')), [compiled])
  const subject = String(given.text('subject'))
  const reader = new DefinitionReader(exchange, rooms)
  await reader.read(subject, 'subject')
  const followed = (await reader.search('CarePlan', { subject, status: 'active' })).filter((carePlan) =>
    ((carePlan.instantiatesCanonical ?? []) as string[]).some((canonical) => canonical.split('|')[0] === plan.url),
  )
  const [first, ...others] = followed
  if (!first) throw refuse('business-rule', `${subject} is not in the plan ${plan.url}.`, 'subject')
  for (const { id } of followed) await readToChange(exchange, rooms, String(id))
  const event = eventOf(given, first as unknown as CarePlan)
  // In one CarePlan it is told to that one; the same plan in two CarePlans hears it in both.
  return raise(exchange, rooms, others.length > 0 ? event : { ...event, carePlan: `CarePlan/${first.id}` })
}

/** @throws Refusal not-found for what the caller may not change */
async function readToChange({ access }: Exchange, { store }: Rooms, id: string): Promise<CarePlan> {
  const version = await store.read(access, 'CarePlan', id, 'u')
  return JSON.parse(version.text ?? '{}') as CarePlan
}

function mustBeHeard(name: string, plans: CompiledPlan[]): void {
  const triggers = plans.flatMap(({ rules }) => allRules(rules).flatMap((rule) => rule.triggers))
  const names = [
    ...new Set(triggers.flatMap((trigger) => (trigger.type === 'named-event' ? (trigger.name ?? []) : []))),
  ]
  if (names.includes(name)) return
  const heard = names.length > 0 ? `it listens to ${names.join(', ')}` : 'it listens to no named event'
  throw refuse('business-rule', `Nobody would hear '${name}': of this plan, ${heard}.`, 'name')
}

const eventOf = (given: Given, { subject }: CarePlan): Omit<NamedEvent, 'at' | 'author'> => ({
  name: String(given.text('name')),
  subject: String(subject.reference),
  about: given.text('about'),
  key: given.text('key'),
})

/** Who may change the CarePlan may raise its events; the event itself is the server's to write. */
async function raise(
  { access }: Exchange,
  { store, definitions, validate, now }: Rooms,
  event: Omit<NamedEvent, 'at' | 'author'>,
): Promise<Reply> {
  const author = /^(Practitioner|PractitionerRole|Patient|RelatedPerson|Organization)\//.test(access.actor)
    ? access.actor
    : undefined
  const basic = toNamedEvent({ ...event, at: now().toISOString(), author })
  const { resource } = validate(basic as unknown as Resource, 'Basic')
  const { key, subject } = event
  const criteria = key && new URLSearchParams({ identifier: `${EVENT_KEY}|${key}`, subject })
  const unless = criteria ? parseSearch(definitions, 'Basic', criteria, 'strict') : undefined
  const version = await store.write(ACCESS, { interaction: 'create', resource, ...(unless ? { unless } : {}) })
  return { status: version.found ? 200 : 201, version, located: !version.found }
}
