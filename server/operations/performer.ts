import type { PractitionerRole, Reference } from '@medplum/fhirtypes'
import { permits } from '../access/reach.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'

/** Who does the work, and in which roles as far as the caller may see them. */
export type Performer = { owner: Owner; roles: PractitionerRole[] }

const PERSON = /^(Practitioner|PractitionerRole)\/[A-Za-z0-9\-.]{1,64}$/
const ROLE_COUNT_MAX = 50

/**
 * Whoever the parameter `performer` names; without it, who has signed in. A person acts for nobody but themselves, and patients take no work.
 * @throws Refusal required (a system must name somebody), value, forbidden
 */
export async function readPerformer(
  { access }: Pick<Exchange, 'access'>,
  rooms: Rooms,
  given: string | undefined,
): Promise<Performer> {
  if (/^(?:Patient|RelatedPerson)\//.test(access.actor)) {
    throw refuse('forbidden', 'Work is taken by those who treat, and by their systems.', 'performer')
  }
  const isSelf = access.actor.startsWith('Practitioner/')
  const reference = given ?? (isSelf ? access.actor : undefined)
  if (reference === undefined) {
    throw refuse('required', 'Who does the work? Name a Practitioner or PractitionerRole as performer.', 'performer')
  }
  if (!PERSON.test(reference)) {
    const example = 'Practitioner/1 or PractitionerRole/1'
    throw refuse('value', `performer must be such as ${example}, not ${reference}.`, 'performer')
  }
  const roles = await rolesOf(reference, { access }, rooms)
  const practitioners = roles.map(({ practitioner }) => practitioner?.reference)
  if (isSelf && reference !== access.actor && !practitioners.includes(access.actor)) {
    throw refuse('forbidden', `${access.actor} may take work for nobody but themselves.`, 'performer')
  }
  const display = roles.find(({ practitioner }) => practitioner?.display)?.practitioner?.display
  return { owner: { reference, ...(display ? { display } : {}) }, roles }
}

/** @throws Refusal not-found for a PractitionerRole that is not there */
async function rolesOf(
  reference: string,
  { access }: Pick<Exchange, 'access'>,
  { store, definitions }: Rooms,
): Promise<PractitionerRole[]> {
  if (!permits(access, 'PractitionerRole', 's')) return []
  const [type, id = ''] = reference.split('/')
  const params = new URLSearchParams({ _count: String(ROLE_COUNT_MAX) })
  params.set(type === 'PractitionerRole' ? '_id' : 'practitioner', id)
  const { matches } = await store.search(access, parseSearch(definitions, 'PractitionerRole', params, 'strict'))
  const roles = matches.map(({ text }) => JSON.parse(text ?? '{}') as PractitionerRole)
  if (type === 'PractitionerRole' && roles.length === 0) {
    throw refuse('not-found', `There is no ${reference}.`, 'performer')
  }
  return roles.filter(({ active }) => active !== false)
}

/** A reference given as a parameter, of one of these types. @throws Refusal value */
export function parseOwner(text: string, name: string, types: readonly string[]): Reference & Owner {
  const [type = '', id = ''] = text.split('/')
  if (!types.includes(type) || !/^[A-Za-z0-9\-.]{1,64}$/.test(id) || text !== `${type}/${id}`) {
    throw refuse('value', `${name} must be such as ${types.map((one) => `${one}/1`).join(' or ')}, not ${text}.`, name)
  }
  return { reference: text }
}
