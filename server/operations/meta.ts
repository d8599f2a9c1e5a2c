import type { Coding, Meta } from '@medplum/fhirtypes'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { keepLiterals, parseJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const RETURN: Parameter[] = [
  { name: 'return', type: 'Meta', min: 1, max: '1', documentation: 'Profiles, tags and security labels.' },
]
const GIVEN: Parameter[] = [
  { name: 'meta', type: 'Meta', min: 1, max: '1', documentation: 'Profiles, tags and security labels.' },
]

/** https://hl7.org/fhir/R4/resource-operation-meta.html */
export const meta: Operation = {
  code: 'meta',
  title: 'Profiles, tags and labels',
  description: 'The meta of a resource; of a type or of all, every profile, tag and label that is in use.',
  resource: ['Resource'],
  on: ['system', 'type', 'instance'],
  letter: 'r',
  in: [],
  out: RETURN,
  async handler(exchange, rooms) {
    const { access, type, id } = exchange
    readGiven(exchange, meta)
    if (id !== '') {
      const version = await rooms.store.read(access, type, id)
      return toReply(metaOf(JSON.parse(version.text ?? '{}') as Resource))
    }
    const letter = 's'
    const types = (type === '' ? [...rooms.definitions.resourceTypes] : [type]).filter((one) =>
      permits(access, one, letter),
    )
    if (types.length === 0) throw notPermitted(type, letter)
    return toReply((await rooms.store.metaInUse(access, types)) as Meta)
  },
}

/** https://hl7.org/fhir/R4/resource-operation-meta-add.html */
export const metaAdd: Operation = {
  code: 'meta-add',
  title: 'Add profiles, tags and labels',
  description: 'Adds to the meta of a resource. A change is a new version; without one there is none.',
  resource: ['Resource'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  in: GIVEN,
  out: RETURN,
  handler: (exchange, rooms) => changeMeta(exchange, rooms, metaAdd, added),
}

/** https://hl7.org/fhir/R4/resource-operation-meta-delete.html */
export const metaDelete: Operation = {
  code: 'meta-delete',
  title: 'Take away profiles, tags and labels',
  description: 'Takes from the meta of a resource. A change is a new version; without one there is none.',
  resource: ['Resource'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  in: GIVEN,
  out: RETURN,
  handler: (exchange, rooms) => changeMeta(exchange, rooms, metaDelete, without),
}

type Labels = Pick<Meta, 'profile' | 'tag' | 'security'>

/** Read and written as one, so that of two who change it at once neither's is lost. */
async function changeMeta(
  exchange: Exchange,
  { store, validate }: Rooms,
  operation: Operation,
  change: (has: Labels, given: Labels) => Labels,
): Promise<Reply> {
  const { access, type, id } = exchange
  const given = labelsIn(readGiven(exchange, operation).meta('meta') ?? {})
  const after = await store.transact(async (inside) => {
    const version = await inside.readForChange(access, type, id)
    // Decimals keep the digits that they were written with.
    const resource = parseJson(version.text ?? '{}') as Resource
    const has = metaOf(resource)
    const wanted = change(has, given)
    if (JSON.stringify(labelsIn(has)) === JSON.stringify(labelsIn(wanted))) return has
    const { profile: _profile, tag: _tag, security: _security, ...rest } = has
    // What is stored is valid, and stays so: a new profile may ask for more.
    const changed = validate(
      keepLiterals(resource, { ...resource, meta: { ...rest, ...labelsIn(wanted) } }),
      type,
    ).resource
    const written = await inside.write(access, { interaction: 'update', resource: changed, id })
    return metaOf(JSON.parse(written.text ?? '{}') as Resource)
  })
  return toReply(after)
}

const metaOf = ({ meta: own = {} }: Resource): Meta => own
const toReply = (valueMeta: Meta): Reply => parametersReply([{ name: 'return', valueMeta }])

/** Only what these operations are about, and nothing that is empty. @throws Refusal value for what is no list */
function labelsIn({ profile = [], tag = [], security = [] }: Labels): Labels {
  for (const [name, list] of Object.entries({ profile, tag, security })) {
    if (!Array.isArray(list)) throw refuse('value', `meta.${name} must be a list.`, `meta.${name}`)
  }
  return {
    ...(profile.length > 0 ? { profile } : {}),
    ...(security.length > 0 ? { security } : {}),
    ...(tag.length > 0 ? { tag } : {}),
  }
}

const added = (has: Labels, given: Labels): Labels => ({
  profile: [...new Set([...(has.profile ?? []), ...(given.profile ?? [])])],
  tag: [...(has.tag ?? []), ...(given.tag ?? []).filter((one) => !holds(has.tag, one))],
  security: [...(has.security ?? []), ...(given.security ?? []).filter((one) => !holds(has.security, one))],
})

const without = (has: Labels, given: Labels): Labels => ({
  profile: (has.profile ?? []).filter((one) => !given.profile?.includes(one)),
  tag: (has.tag ?? []).filter((one) => !holds(given.tag, one)),
  security: (has.security ?? []).filter((one) => !holds(given.security, one)),
})

/** A coding is the same when system and code are; displays may differ. */
const holds = (list: Coding[] = [], { system, code }: Coding): boolean =>
  list.some((one) => one.system === system && one.code === code)
