import { IN_JOURNAL } from './journal.ts'
import { CODES, type Doc, LOINC } from './making.ts'
import type { Letter, Model } from './model.ts'
import type { Random } from './random.ts'
import { type Caller, CITIES, STREET, type World } from './world.ts'

/** One request, and what must come of it by the model. */
export type Probe = {
  form: string
  caller: Caller
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  path: string
  ifMatch?: string
  ifNoneExist?: string
  /** What is begun is waited for, and taken out line by line. */
  prefer?: 'respond-async'
  body?: unknown
  /** Makes of an answer what is compared. */
  read: (answer: Answer) => unknown
  expected: unknown
}

export type Answer = { status: number; body: Body }
type Entry = {
  fullUrl?: string
  resource?: { resourceType: string; id: string; issue?: { code: string }[]; entity?: unknown[] }
  search?: { mode: string }
  response?: { status: string }
}
type Body = {
  resourceType?: string
  total?: number
  entry?: Entry[]
  issue?: { code: string; diagnostics?: string }[]
  data?: Record<string, unknown>
}

const TYPES = [
  'Patient',
  'Observation',
  'Condition',
  'MedicationRequest',
  'Task',
  'Goal',
  'Consent',
  'CareTeam',
  'CarePlan',
  'EpisodeOfCare',
  'RelatedPerson',
  'Device',
  'Appointment',
  'Provenance',
  'Encounter',
  'Location',
  'Organization',
  'PractitionerRole',
  'ServiceRequest',
  'RequestGroup',
  'ClinicalImpression',
  'MeasureReport',
  'PlanDefinition',
  'Communication',
  'QuestionnaireResponse',
  'DocumentReference',
  'Media',
  'Binary',
  'Subscription',
]

/** What is changed in the forms that write. */
const CHANGED = [
  ...['Observation', 'Task', 'Condition', 'MedicationRequest', 'Goal', 'Device', 'CarePlan', 'ServiceRequest'],
  ...['Communication', 'QuestionnaireResponse', 'DocumentReference', 'Media', 'Subscription'],
]
/** What is created and stays is no relation to a patient, and closes nothing. */
const CREATED = [
  ...['Observation', 'Condition', 'Goal', 'MedicationRequest', 'Device', 'Communication', 'QuestionnaireResponse'],
  ...['DocumentReference', 'Media', 'Subscription'],
]

/** Where a resource says who has made it. */
const MAKER_OF: Record<string, string> = {
  ...{ Observation: 'performer', QuestionnaireResponse: 'source', Communication: 'sender', Media: 'operator' },
  DocumentReference: 'author',
}
const IS_LIST = ['performer', 'author']
/** What the family add is theirs, and says of nobody else that they have made it. */
function isInOwnName({ actor }: Caller, sent: object, element = ''): boolean {
  if (!actor.startsWith('RelatedPerson/')) return true
  const said = [(sent as Record<string, unknown>)[element] ?? []].flat() as { reference: string }[]
  return said.every(({ reference }) => reference === actor)
}

const toChange = ({ docs }: World, random: Random): Doc =>
  random.pick(docs.filter(({ resourceType }) => CHANGED.includes(resourceType)))
const PATCH = [{ op: 'add', path: '/language', value: 'nb' }]

const nameOf = ({ resourceType, id }: { resourceType: string; id: string }) => `${resourceType}/${id}`
const named = (docs: Doc[]): string[] => docs.map(nameOf).sort()
const found = ({ body }: Answer, mode = 'match'): string[] =>
  (body.entry ?? [])
    .flatMap(({ resource, search }) => (search?.mode === mode && resource ? nameOf(resource) : []))
    .sort()
const saysClosed = ({ body }: Answer): boolean =>
  (body.entry ?? []).some(
    ({ search, resource }) => search?.mode === 'outcome' && resource?.issue?.some(({ code }) => code === 'suppressed'),
  )

export type ProbeBasis = {
  world: World
  model: Model
  random: Random
  /** `Practitioner/1 for Patient/2`: who is let in is let in from then on. */
  letIn: Set<string>
}
type Make = (basis: ProbeBasis, caller: Caller) => Omit<Probe, 'form' | 'caller'>

/** What the caller may search of a type, and of it what a condition holds for. */
const seen = (
  { model, world }: ProbeBasis,
  caller: Caller,
  type: string,
  holds: (doc: Doc) => boolean = () => true,
  letter: Letter = 's',
) => world.docs.filter((doc) => doc.resourceType === type && model.may(caller, letter, doc) && holds(doc))

/** Whether one of these refers to it. */
const isNamedIn = (docs: readonly Doc[]) => {
  const text = JSON.stringify(docs)
  return (doc: Doc) => text.includes(`"${nameOf(doc)}"`)
}

/** A search of a type of which a caller may see nothing at all may be refused as a whole. */
const orRefused = (read: (answer: Answer) => unknown, nothing: unknown) => (answer: Answer) =>
  answer.status === 403 ? nothing : read(answer)
const patientOf = (doc: Doc): string =>
  ((doc.subject ?? doc.patient ?? doc.for) as { reference?: string } | undefined)?.reference ?? ''
const hasCode = (code: string) => (doc: Doc) =>
  ((doc.code as { coding?: { code: string }[] } | undefined)?.coding ?? []).some((one) => one.code === code)
const get = (path: string, read: Probe['read'], expected: unknown) => ({ method: 'GET' as const, path, read, expected })

/** No version of the world is this one, so that nothing that is asked for it is done. */
const NO_VERSION = 'W/"99"'
/** Whether a write for that version has come to a resource: then it is told which version there is. */
const isReached = ({ body }: Answer): boolean =>
  (body.issue ?? []).some(({ diagnostics = '' }) => / is at version 1, not 99/.test(diagnostics))

/** Whether somebody was let into a record. */
const isLetIn = ({ status }: Answer): unknown =>
  status === 201 ? true : [403, 404, 422].includes(status) ? false : status

/** Somebody whom the caller was not let in to before, by whatever way; nobody where there are no more. Rather often one who is opened. */
function notLetIn(
  { world, model, random, letIn }: ProbeBasis,
  caller: Caller,
  opens: (model: Model, caller: Caller, patient: string) => boolean,
): string {
  const person = caller.actor.replace('PractitionerRole/m-role-', 'Practitioner/m-')
  const others = world.patients.filter((one) => !letIn.has(`${person} for ${one}`))
  const opened = random.happens(0.5) ? others.filter((one) => opens(model, caller, one)) : []
  const patient = random.pick(opened.length > 0 ? opened : [...others, 'm-nobody'])
  letIn.add(`${person} for ${patient}`)
  return patient
}

/** Whether what was sent tells where somebody lives, in whatever element. */
const tells = (sent: unknown): boolean => JSON.stringify(sent).includes(STREET)
const isTold = (model: Model, caller: Caller, doc: Doc): boolean => tells(doc) && model.isToldAddress(caller, doc)
/** The names of entries that tell an address. */
const telling = ({ body }: Answer): string[] =>
  (body.entry ?? []).flatMap(({ resource }) => (resource && tells(resource) ? nameOf(resource) : [])).sort()
const told = ({ model }: ProbeBasis, caller: Caller, docs: Doc[]) =>
  named(docs.filter((doc) => isTold(model, caller, doc)))
const livesIn = (city: string) => (doc: Doc) => JSON.stringify(doc.address ?? '').includes(`"${city}"`)
const cityOf = (doc: Doc): string => (doc.address as { city: string }[])[0]?.city ?? ''

const ADDRESSED = ['Patient', 'RelatedPerson', 'Encounter', 'Location']

const FORMS: Record<string, Make> = {
  read: ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs)
    const may = model.reads(caller, doc)
    return get(nameOf(doc), ({ status, body }) => [status === 200, tells(body)], [
      may,
      may && isTold(model, caller, doc),
    ])
  },
  vread: ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs)
    const may = model.may(caller, 'r', doc)
    return get(`${nameOf(doc)}/_history/1`, ({ status, body }) => [status === 200, tells(body)], [
      may,
      may && isTold(model, caller, doc),
    ])
  },
  'history of one': ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs)
    return get(
      `${nameOf(doc)}/_history`,
      ({ status, body }) => (status === 200 ? body.total : 0),
      model.may(caller, 'r', doc) ? 1 : 0,
    )
  },
  'history of a type': (basis, caller) => {
    const type = basis.random.pick(TYPES)
    const read = ({ body }: Answer) =>
      (body.entry ?? []).flatMap(({ resource }) => (resource ? nameOf(resource) : [])).sort()
    return get(`${type}/_history?_count=1000`, orRefused(read, []), named(seen(basis, caller, type)))
  },
  'search of a type': (basis, caller) => {
    const type = basis.random.pick(TYPES)
    return get(
      `${type}?_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, type)),
    )
  },
  total: (basis, caller) => {
    const type = basis.random.pick(TYPES)
    return get(
      `${type}?_summary=count`,
      orRefused(({ body }) => body.total, 0),
      seen(basis, caller, type).length,
    )
  },
  'search by patient': (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const type = basis.random.pick(['Observation', 'Condition', 'Task', 'Goal', 'MedicationRequest'])
    const isOf = (doc: Doc) => patientOf(doc) === `Patient/${patient}`
    const expected = [named(seen(basis, caller, type, isOf)), basis.model.isToldOfClosed(caller, patient)]
    // Who may see nothing of the type is refused, and told nothing more.
    const refused = expected[0]?.toString() === '' ? expected : 'refused'
    return get(
      `${type}?patient=Patient/${patient}&_count=1000`,
      orRefused((answer) => [found(answer), saysClosed(answer)], refused),
      expected,
    )
  },
  'search by code': (basis, caller) => {
    const code = basis.random.pick(CODES)
    return get(
      `Observation?code=${LOINC}|${code}&_total=accurate&_count=1000`,
      orRefused((answer) => [answer.body.total, found(answer)], [0, []]),
      count(seen(basis, caller, 'Observation', hasCode(code))),
    )
  },
  'search by _id': (basis, caller) => {
    const docs = basis.random.some(
      basis.world.docs.filter(({ resourceType }) => resourceType === 'Observation'),
      6,
    )
    const ids = [...new Set(docs.map(({ id }) => id))]
    return get(
      `Observation?_id=${ids}&_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, 'Observation', ({ id }) => ids.includes(id))),
    )
  },
  'sorted, page after page': (basis, caller) => {
    const all = seen(basis, caller, 'Observation')
    return get(
      'Observation?_sort=-date&_count=7',
      orRefused((answer) => found(answer).length, 0),
      Math.min(7, all.length),
    )
  },
  _filter: (basis, caller) => {
    const [one = '', other = ''] = basis.random.some(CODES, 2)
    const holds = (doc: Doc) => hasCode(one)(doc) || hasCode(other)(doc)
    return get(
      `Observation?_filter=code eq ${LOINC}|${one} or code eq ${LOINC}|${other}&_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, 'Observation', holds)),
    )
  },
  chain: (basis, caller) => {
    const family = `Fam${basis.random.below(4)}`
    const patients = seen(
      basis,
      caller,
      'Patient',
      (doc) => (doc.name as { family: string }[])[0]?.family === family,
    ).map(nameOf)
    return get(
      `Observation?subject:Patient.family=${family}&_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, 'Observation', (doc) => patients.includes(patientOf(doc)))),
    )
  },
  _has: (basis, caller) => {
    const code = basis.random.pick(CODES)
    const patients = new Set(seen(basis, caller, 'Observation', hasCode(code)).map(patientOf))
    return get(
      `Patient?_has:Observation:subject:code=${LOINC}|${code}&_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, 'Patient', (doc) => patients.has(nameOf(doc)))),
    )
  },
  _include: (basis, caller) => {
    const code = basis.random.pick(CODES)
    const matches = seen(basis, caller, 'Observation', hasCode(code))
    const patients = new Set(matches.map(patientOf))
    const subjects = [...seen(basis, caller, 'Patient'), ...seen(basis, caller, 'Location')]
    return get(
      `Observation?code=${LOINC}|${code}&_include=Observation:subject&_count=1000`,
      orRefused((answer) => [found(answer), found(answer, 'include')], [[], []]),
      [named(matches), named(subjects.filter((doc) => patients.has(nameOf(doc))))],
    )
  },
  _revinclude: (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const matches = seen(basis, caller, 'Patient', ({ id }) => id === patient)
    const about = (doc: Doc) => matches.length > 0 && patientOf(doc) === `Patient/${patient}`
    return get(
      `Patient?_id=${patient}&_revinclude=Observation:subject&_revinclude=Task:patient`,
      orRefused((answer) => [found(answer), found(answer, 'include')], [[], []]),
      [named(matches), named([...seen(basis, caller, 'Observation', about), ...seen(basis, caller, 'Task', about)])],
    )
  },
  // From what was done to what it was done to, and from that to whose it is.
  ':iterate': (basis, caller) => {
    const matches = seen(basis, caller, 'Provenance')
    const goals = seen(basis, caller, 'Goal', isNamedIn(matches))
    const patients = seen(basis, caller, 'Patient', isNamedIn([...matches, ...goals]))
    return get(
      'Provenance?_include=Provenance:target&_include:iterate=Goal:subject&_count=1000',
      orRefused((answer) => [found(answer), found(answer, 'include')], [[], []]),
      [named(matches), named([...goals, ...patients])],
    )
  },
  $everything: (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const types = ['Patient', 'Observation', 'Condition', 'Task', 'Consent', 'CarePlan', 'Appointment', 'Provenance']
    const isOf = (doc: Doc) =>
      JSON.stringify(doc).includes(`"Patient/${patient}"`) || (doc.resourceType === 'Patient' && doc.id === patient)
    const self = basis.model.byName.get(`Patient/${patient}`)
    const opens = self !== undefined && basis.model.may(caller, 'r', self)
    const record = types.flatMap((type) => (type === 'Patient' ? [] : seen(basis, caller, type, isOf)))
    return get(
      `Patient/${patient}/$everything?_type=${types}&_count=1000`,
      (answer) => (answer.status === 200 ? [found(answer), answer.body.total] : 'refused'),
      opens && self ? [named([self, ...record]), record.length + 1] : 'refused',
    )
  },
  compartment: (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const isOf = (doc: Doc) => JSON.stringify([doc.subject, doc.performer]).includes(`"Patient/${patient}"`)
    return get(
      `Patient/${patient}/Observation?_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, 'Observation', isOf)),
    )
  },
  'several types': (basis, caller) => {
    const types = [...new Set(basis.random.some(TYPES, 3))]
    return get(
      `?_type=${types}&_total=accurate&_count=1000`,
      orRefused((answer) => [answer.body.total, found(answer)], [0, []]),
      count(types.flatMap((type) => seen(basis, caller, type))),
    )
  },
  batch: ({ world, model, random }, caller) => {
    const docs = random.some(world.docs, 5)
    const entry = docs.map((doc) => ({ request: { method: 'GET', url: nameOf(doc) } }))
    return {
      ...{ method: 'POST', path: '', body: { resourceType: 'Bundle', type: 'batch', entry } },
      read: ({ body }) => (body.entry ?? []).map(({ response }) => response?.status.startsWith('200') === true),
      expected: docs.map((doc) => model.reads(caller, doc)),
    }
  },
  // Of another version than there is: whoever reaches it is told so, and nothing is changed.
  update: ({ world, model, random }, caller) => {
    const doc = toChange(world, random)
    const entry = [{ resource: valid(doc), request: { method: 'PUT', url: nameOf(doc), ifMatch: NO_VERSION } }]
    return {
      ...{ method: 'POST', path: '', body: { resourceType: 'Bundle', type: 'transaction', entry } },
      read: ({ status }) => status,
      expected: model.may(caller, 'u', doc) ? 412 : 403,
    }
  },
  content: ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs.filter(({ resourceType }) => resourceType === 'Binary'))
    return get(nameOf(doc), ({ status }) => status === 200, model.reads(caller, doc))
  },
  PATCH: ({ world, model, random }, caller) => {
    const doc = toChange(world, random)
    return {
      ...{ method: 'PATCH', path: nameOf(doc), ifMatch: NO_VERSION, body: PATCH },
      ...{ read: isReached, expected: model.may(caller, 'u', doc) },
    }
  },
  'conditional PATCH': ({ world, model, random }, caller) => {
    const doc = toChange(world, random)
    return {
      ...{ method: 'PATCH', path: `${doc.resourceType}?_id=${doc.id}`, ifMatch: NO_VERSION, body: PATCH },
      ...{ read: isReached, expected: model.may(caller, 's', doc) && model.may(caller, 'u', doc) },
    }
  },
  'history of everything': (basis, caller) => {
    const { world, model } = basis
    const all = named(world.docs.filter((doc) => model.may(caller, 's', doc)))
    const read = ({ body }: Answer) =>
      (body.entry ?? []).flatMap(({ resource }) => (resource ? nameOf(resource) : [])).sort()
    return get('_history?_count=1000', orRefused(read, []), all)
  },
  delete: ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs)
    const given = { method: 'DELETE' as const, path: nameOf(doc), ifMatch: NO_VERSION }
    return { ...given, read: isReached, expected: model.may(caller, 'd', doc) }
  },
  'conditional delete': ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs)
    return {
      ...{ method: 'DELETE', path: `${doc.resourceType}?_id=${doc.id}`, ifMatch: NO_VERSION, read: isReached },
      expected: model.may(caller, 's', doc) && model.may(caller, 'd', doc),
    }
  },
  'conditional update': ({ world, model, random }, caller) => {
    const doc = toChange(world, random)
    return {
      ...{ method: 'PUT', path: `${doc.resourceType}?_id=${doc.id}`, ifMatch: NO_VERSION, body: valid(doc) },
      ...{ read: isReached, expected: model.may(caller, 's', doc) && model.may(caller, 'u', doc) },
    }
  },
  // With an entry that never succeeds, so that nothing of it stays.
  create: ({ world, model, random }, caller) => {
    const like = random.pick(
      world.docs.filter(({ resourceType }) =>
        ['Observation', 'Condition', 'Goal', 'MedicationRequest'].includes(resourceType),
      ),
    )
    const { id: _id, ...resource } = valid(like)
    // Of a type that the caller may change, whatever they may create.
    const wrong = caller.actor.startsWith('Patient/')
      ? { resourceType: 'RelatedPerson', id: 'never', patient: { reference: caller.actor } }
      : { ...resource, id: 'never' }
    const entry = [
      { resource, request: { method: 'POST', url: like.resourceType } },
      { resource: wrong, request: { method: 'PUT', url: nameOf(wrong), ifMatch: NO_VERSION } },
    ]
    const fresh = { ...like, id: 'not yet' }
    return {
      ...{ method: 'POST', path: '', body: { resourceType: 'Bundle', type: 'transaction', entry } },
      read: ({ status }) => (status === 403 ? 'refused' : 'let'),
      expected: model.may(caller, 'c', fresh) ? 'let' : 'refused',
    }
  },
  // What stays, so that it is judged to the end: by its content for a granular scope, by its maker for the family.
  'create, to stay': ({ world, model, random }, caller) => {
    const some = random.some(
      world.docs.filter(({ resourceType }) => CREATED.includes(resourceType)),
      12,
    )
    const mayCreate = some.filter((doc) => model.may(caller, 'c', { ...doc, id: 'not yet' }))
    const like = random.pick(random.happens(0.5) && mayCreate.length > 0 ? mayCreate : some)
    const { id: _id, ...resource } = valid(like)
    const makers = [caller.actor, 'Practitioner/m-nurse', patientOf(like)].filter((name) => /^(P|R)\w+\//.test(name))
    const element = MAKER_OF[like.resourceType]
    const maker = { reference: random.pick(makers) }
    const sent = {
      ...resource,
      ...(element && random.happens(0.5) ? { [element]: IS_LIST.includes(element) ? [maker] : maker } : {}),
    }
    const isOwn = isInOwnName(caller, sent, element)
    return {
      ...{ method: 'POST', path: like.resourceType, body: sent },
      read: ({ status }) => (status === 403 || (status === 422 && !isOwn) ? 'refused' : status),
      expected: isOwn && model.may(caller, 'c', { ...sent, id: 'not yet' } as Doc) ? 201 : 'refused',
    }
  },
  '$break-glass': (basis, caller) => {
    const patient = notLetIn(basis, caller, (model, who, whom) => model.breaksGlass(who, whom))
    const parameter = [
      { name: 'purpose', valueCode: 'ETREAT' },
      { name: 'reason', valueString: 'Found unconscious at home.' },
    ]
    return {
      ...{ method: 'POST', path: `Patient/${patient}/$break-glass`, body: { resourceType: 'Parameters', parameter } },
      ...{ read: isLetIn, expected: patient !== 'm-nobody' && basis.model.breaksGlass(caller, patient) },
    }
  },
  '$open-restricted': (basis, caller) => {
    const patient = notLetIn(basis, caller, (model, who, whom) => model.opensClosed(who, whom))
    const parameter = [
      { name: 'basis', valueCode: 'emergency' },
      { name: 'reason', valueString: 'Found unconscious at home.' },
    ]
    return {
      ...{
        method: 'POST',
        path: `Patient/${patient}/$open-restricted`,
        body: { resourceType: 'Parameters', parameter },
      },
      ...{ read: isLetIn, expected: patient !== 'm-nobody' && basis.model.opensClosed(caller, patient) },
    }
  },
  $journal: ({ world, model, random }, caller) => {
    const patient = random.pick(world.patients)
    const shown = model.findsInJournal(caller, patient, IN_JOURNAL as object[] as Doc[])
    return {
      ...{ method: 'POST', path: `Patient/${patient}/$journal`, body: { resourceType: 'Parameters' } },
      read: ({ status, body }) =>
        [403, 404, 422].includes(status)
          ? 'refused'
          : ((body as { parameter?: { name: string; resource?: { id: string } }[] }).parameter ?? []).flatMap(
              ({ name, resource }) => (name === 'found' && resource ? resource.id : []),
            ),
      expected: shown?.map(({ id }) => id) ?? 'refused',
    }
  },
  GraphQL: (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const query = `{ObservationList(subject: "Patient/${patient}", _count: 1000) {id}}`
    return {
      ...{ method: 'POST', path: '$graphql', body: { query } },
      read: ({ body }) =>
        ((body.data?.ObservationList ?? []) as { id: string }[]).map(({ id }) => `Observation/${id}`).sort(),
      expected: named(seen(basis, caller, 'Observation', (doc) => patientOf(doc) === `Patient/${patient}`)),
    }
  },
  'GraphQL, through a reference': ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs.filter(({ resourceType }) => resourceType === 'RelatedPerson'))
    const subject = model.byName.get(patientOf(doc)) as Doc
    const query = `{RelatedPerson(id: "${doc.id}") {id address {line} patient {resource {... on Patient {id address {line}}}}}}`
    const [mayRead, mayFollow] = [model.may(caller, 'r', doc), model.may(caller, 'r', subject)]
    return {
      ...{ method: 'POST', path: '$graphql', body: { query } },
      read: ({ body }) => {
        const { patient, ...own } = (body.data?.RelatedPerson ?? {}) as {
          id?: string
          patient?: { resource?: unknown }
        }
        const other = (patient?.resource ?? {}) as { id?: string }
        return [own.id ?? null, tells(own), other.id ?? null, tells(other)]
      },
      expected: [
        ...[mayRead ? doc.id : null, mayRead && isTold(model, caller, doc)],
        ...[mayRead && mayFollow ? subject.id : null, mayRead && mayFollow && isTold(model, caller, subject)],
      ],
    }
  },
  'addresses in a search': (basis, caller) => {
    const type = basis.random.pick(ADDRESSED)
    return get(`${type}?_count=1000`, orRefused(telling, []), told(basis, caller, seen(basis, caller, type)))
  },
  'addresses in several types': (basis, caller) => {
    const docs = ADDRESSED.flatMap((type) => seen(basis, caller, type))
    return get(`?_type=${ADDRESSED}&_count=1000`, orRefused(telling, []), told(basis, caller, docs))
  },
  'addresses in a history': (basis, caller) => {
    const type = basis.random.pick(ADDRESSED)
    return get(`${type}/_history?_count=1000`, orRefused(telling, []), told(basis, caller, seen(basis, caller, type)))
  },
  'addresses that are included': (basis, caller) => {
    const matches = seen(basis, caller, 'Encounter')
    const others = [...seen(basis, caller, 'Patient'), ...seen(basis, caller, 'Location')]
    const included = others.filter(isNamedIn(matches))
    return get(
      'Encounter?_include=Encounter:subject&_include=Encounter:location&_count=1000',
      orRefused(telling, []),
      told(basis, caller, [...matches, ...included]),
    )
  },
  'addresses in $everything': (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const self = basis.model.byName.get(`Patient/${patient}`) as Doc
    const opens = basis.model.may(caller, 'r', self)
    const others = [...seen(basis, caller, 'RelatedPerson'), ...seen(basis, caller, 'Encounter')]
    const record = others.filter((doc) => patientOf(doc) === `Patient/${patient}`)
    return get(
      `Patient/${patient}/$everything?_type=Patient,RelatedPerson,Encounter&_count=1000`,
      (answer) => telling(answer).filter((name) => !name.startsWith('Location/')),
      opens ? told(basis, caller, [self, ...record]) : [],
    )
  },
  'search by address': (basis, caller) => {
    const city = basis.random.pick(CITIES)
    const type = basis.random.pick(['Patient', 'RelatedPerson', 'Location'])
    const holds = (doc: Doc) => livesIn(city)(doc) && basis.model.isToldAddress(caller, doc)
    const ask = basis.random.pick([`address-city=${city}`, `address=${city}`, `_filter=address-city eq ${city}`])
    return get(
      `${type}?${ask}&_total=accurate&_count=1000`,
      orRefused((answer) => [answer.body.total, found(answer)], [0, []]),
      count(seen(basis, caller, type, holds)),
    )
  },
  'search by the lack of an address': (basis, caller) => {
    const type = basis.random.pick(['Patient', 'RelatedPerson'])
    const lacks = (doc: Doc) => !basis.model.isToldAddress(caller, doc)
    return get(
      `${type}?address-city:missing=true&_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, type, lacks)),
    )
  },
  'chain to an address': (basis, caller) => {
    const city = basis.random.pick(CITIES)
    const holds = (doc: Doc) => livesIn(city)(doc) && basis.model.isToldAddress(caller, doc)
    const patients = seen(basis, caller, 'Patient', holds).map(nameOf)
    return get(
      `Observation?subject:Patient.address-city=${city}&_count=1000`,
      orRefused((answer) => found(answer), []),
      named(seen(basis, caller, 'Observation', (doc) => patients.includes(patientOf(doc)))),
    )
  },
  'in the order of addresses': (basis, caller) => {
    const patients = seen(basis, caller, 'Patient')
    const cities = patients.map((doc) => (basis.model.isToldAddress(caller, doc) ? cityOf(doc) : null))
    const isKnown = (city: string | null) => city !== null
    return get(
      'Patient?_sort=address-city&_count=1000',
      // Whose order can be told, in it, and all others after them.
      orRefused(
        ({ body }) =>
          (body.entry ?? []).flatMap(({ resource }) =>
            resource?.resourceType === 'Patient' ? [cityIn(resource)] : [],
          ),
        [],
      ),
      [...cities.filter(isKnown).sort(), ...cities.filter((city) => !isKnown(city))],
    )
  },
  AuditEvent: ({ world, model }, caller) => {
    const others = world.patients.filter((patient) => patient !== caller.patient).map((id) => `"Patient/${id}"`)
    const expected = model.auditOf(caller)
    return get(
      'AuditEvent?_count=30',
      ({ status, body }) => {
        if (status === 403) return 'none'
        // Who has looked may well be a patient, of an appointment of both; at whose data else they looked is not told.
        const text = JSON.stringify((body.entry ?? []).map(({ resource }) => resource?.entity ?? []))
        return expected === 'own' && others.some((name) => text.includes(name)) ? 'others too' : expected
      },
      expected,
    )
  },
  // Where nothing is found, it is something that nobody but a system may create.
  'conditional create': ({ world, model, random }, caller) => {
    const doc = random.pick(world.docs.filter(({ resourceType }) => resourceType === 'Observation'))
    const { id: _id, ...like } = model.byName.get('Observation/m-obs-place') as Doc
    const isFound = model.permits(caller, 'c', 'Observation') && model.may(caller, 's', doc)
    return {
      ...{ method: 'POST', path: 'Observation', ifNoneExist: `_id=${doc.id}`, body: like },
      read: ({ status, body }) => (status === 200 ? ((body as { id?: string }).id ?? null) : status),
      expected: isFound ? doc.id : 403,
    }
  },
  // Whole records leave by it: a person is refused, whatever they see.
  $export: (basis, caller) => {
    const type = basis.random.pick(TYPES)
    const isLet = caller.actor.startsWith('Client/') && !caller.patient && basis.model.permits(caller, 's', type)
    const read = (answer: Answer) => (answer.status === 403 ? 'refused' : found(answer))
    const expected = isLet ? named(seen(basis, caller, type)) : 'refused'
    return { ...get(`$export?_type=${type}`, read, expected), prefer: 'respond-async' as const }
  },
  $lastn: (basis, caller) => {
    const patient = basis.random.pick(basis.world.patients)
    const all = seen(basis, caller, 'Observation', (doc) => patientOf(doc) === `Patient/${patient}`)
    return get(
      `Observation/$lastn?patient=Patient/${patient}&max=9`,
      orRefused((answer) => found(answer), []),
      named(all),
    )
  },
}

export const FORM_NAMES = Object.keys(FORMS)
/** What leaves something behind is asked when all else has been, and these one after the other. */
export const LASTING_FORMS = ['create, to stay', '$break-glass', '$open-restricted']

const cityIn = (resource: object): string | null =>
  ((resource as { address?: { city?: string }[] }).address ?? [])[0]?.city ?? null

const count = (docs: Doc[]) => [docs.length, named(docs)]

/** As a client would send it: what the server has written of its own is no part of it. */
function valid(doc: Doc): Doc {
  return { ...doc, ...(doc.resourceType === 'Goal' ? { description: { text: 'x' } } : {}) }
}

export function makeProbe(basis: ProbeBasis, form: string): Probe {
  const make = FORMS[form]
  if (!make) throw new Error(`There is no form ${form}.`)
  // The family may change nothing, so nothing that they send can be made to fail; and a granular scope is asked about after what
  // fails. What stays tries both.
  const callers = basis.world.callers.filter(
    ({ actor, scope }) =>
      (form !== 'create' || !(actor.startsWith('RelatedPerson/') || scope.includes('?'))) &&
      (form !== 'conditional create' || !(actor === 'Client/system' || scope.includes('?'))),
  )
  const caller = basis.random.pick(callers)
  return { form, caller, ...make(basis, caller) }
}
