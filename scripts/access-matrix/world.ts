import { CODES, type Doc, day, LOINC, type Making, PERIODS, ref } from './making.ts'
import { makeOfEngine, makeOfNobody } from './of-engine.ts'
import { createRandom, type Random } from './random.ts'
import { MEMBERS, makeStaff, PEOPLE } from './staff.ts'

/** Who asks, and with which scopes. */
export type Caller = { name: string; actor: string; scope: string; patient?: string }

export type World = {
  docs: Doc[]
  callers: Caller[]
  patients: string[]
  /** Who has made what is theirs alone, by its id. */
  made: ReadonlyMap<string, Caller>
}

const PATIENT_COUNT = 30
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const PROTECTION = 'http://ehelse.no/fhir/ValueSet/gd-person-addressprotection'
const ADDRESS_METADATA = 'http://ehelse.no/fhir/StructureDefinition/gd-address-metadata'
/** Where nobody may know that somebody lives, but those who see protected addresses. */
export const STREET = 'Storgata'
export const CITIES = ['Bergen', 'Oslo', 'Tromsø']
const DELAY = 'urn:oid:2.16.578.1.12.4.1.1.9603'
const RELEASE_AT = 'http://fylgje.no/fhir/StructureDefinition/release-at'
const OPENING = 'http://fylgje.no/fhir/CodeSystem/access-opening'

export function makeWorld(seed: number, now = new Date()): World {
  const making: Making = { random: createRandom(seed), now, docs: [] }
  makeStaff(making)
  const patients = Array.from({ length: PATIENT_COUNT }, (_, i) => `m-p${i}`)
  for (const [i, patient] of patients.entries()) makePatient(making, patient, i)
  making.docs.push(
    { resourceType: 'Task', id: 'm-task-free', status: 'requested', intent: 'order', owner: ref('CareTeam/m-team') },
    { resourceType: 'Device', id: 'm-device-stock', status: 'active' },
    observation('m-obs-place', { subject: ref('Location/m-loc'), code: CODES[0] ?? '' }),
    { resourceType: 'Location', id: 'm-loc', name: STREET, address: { line: [STREET], city: CITIES[0] } },
  )
  makeOfNobody(making)
  making.docs.push({ resourceType: 'Communication', id: 'm-com-team', status: 'completed' })
  const callers = callersOf(making, patients)
  return { docs: making.docs, callers, patients, made: makeSubscriptions(making, callers) }
}

/** Whoever asks to be told of something: staff, patients, the family and systems, also by a token for one patient. */
function makeSubscriptions({ random, docs }: Making, callers: Caller[]): Map<string, Caller> {
  const makers = callers.filter(({ scope }) => /\*\.cruds/.test(scope)).filter(() => random.happens(0.5))
  return new Map(
    makers.map((maker, i) => {
      const id = `m-sub-${i}`
      docs.push({
        ...{ resourceType: 'Subscription', id, status: 'off', reason: 'x', criteria: 'Observation?status=final' },
        channel: { type: 'rest-hook', endpoint: 'https://told.example.org/', payload: 'application/fhir+json' },
      })
      return [id, maker]
    }),
  )
}

/** Some say for the whole person that the address is protected, some for one address, and some say that it is not. */
function protection(random: Random): { label: object; mark: object } {
  const degree = random.pick(['fortrolig', 'strengtFortrolig', 'klientadresse', 'ugradert'])
  const mark = { extension: [{ url: ADDRESS_METADATA, extension: [{ url: 'confidentiality', valueCode: degree }] }] }
  if (random.happens(0.6)) return { label: {}, mark: {} }
  if (random.happens(0.3)) return { label: {}, mark }
  return { label: { meta: { security: [{ system: PROTECTION, code: degree }] } }, mark: {} }
}

const addressOf = (random: Random, mark: object = {}) => [{ line: [STREET], city: random.pick(CITIES), ...mark }]

function makePatient(making: Making, id: string, i: number): void {
  const { random, now, docs } = making
  const subject = ref(`Patient/${id}`)
  const periods = PERIODS(now)
  const ages = [3, 11, 13, 15, 17, 40, 70]
  const born = new Date(now)
  born.setUTCFullYear(born.getUTCFullYear() - (ages[i % ages.length] ?? 40))
  born.setUTCDate(born.getUTCDate() - 40)
  const { label, mark } = protection(random)
  docs.push({
    ...label,
    address: addressOf(random, mark),
    ...{
      resourceType: 'Patient',
      id,
      active: true,
      name: [{ family: `Fam${i % 4}` }],
      birthDate: born.toISOString().slice(0, 10),
    },
    ...(random.happens(0.2)
      ? {
          generalPractitioner: [
            ref(random.pick(['Practitioner/m-gp', 'PractitionerRole/m-role-doctor', 'Organization/m-ward'])),
          ],
        }
      : {}),
  })
  if (random.happens(0.35)) {
    docs.push({
      ...{
        resourceType: 'CareTeam',
        id: `m-ct-${i}`,
        status: random.pick(['active', 'active', 'active', 'inactive', 'proposed']),
        subject,
      },
      ...optional('period', random.pick(periods)),
      participant: random
        .some(MEMBERS, 2)
        .map((member) => ({ member: ref(member), ...optional('period', random.pick(periods)) })),
    })
  }
  if (random.happens(0.4)) {
    docs.push({
      ...{
        resourceType: 'CarePlan',
        id: `m-cp-${i}`,
        status: random.pick(['active', 'active', 'on-hold', 'completed', 'draft']),
        intent: 'plan',
        subject,
      },
      ...optional('period', random.pick(periods)),
      careTeam: [ref(random.pick(['CareTeam/m-team', `CareTeam/m-ct-${i}`, 'CareTeam/m-team-old']))],
    })
  }
  if (random.happens(0.3)) {
    docs.push({
      ...{
        resourceType: 'EpisodeOfCare',
        id: `m-eoc-${i}`,
        status: random.pick(['active', 'onhold', 'finished', 'planned']),
        patient: subject,
      },
      managingOrganization: ref(random.pick(['Organization/m-trust', 'Organization/m-ward', 'Organization/m-centre'])),
      ...optional('period', random.pick(periods)),
    })
  }
  docs.push({
    ...{ resourceType: 'Task', id: `m-task-${i}`, intent: 'order', for: subject },
    status: random.pick(['requested', 'in-progress', 'completed', 'cancelled']),
    owner: ref(random.pick(MEMBERS)),
  })
  makeQuestion(making, id, i)
  makeOfEngine(making, id, i)
  makeVisit(making, id, i)
  makeOpenings(making, id, i)
  makeFamily(making, id, i)
  makeRecord(making, id, i)
  makeConsents(making, id, i)
  makeDocuments(making, id, i)
}

const FORM = 'http://example.org/Questionnaire/asked'

/** What somebody is asked before a referral is answered, and answers to that form and to another. */
function makeQuestion({ random, docs }: Making, id: string, i: number): void {
  const subject = ref(`Patient/${id}`)
  const answer = { resourceType: 'QuestionnaireResponse', status: 'completed', subject }
  docs.push(
    { ...answer, id: `m-answer-${i}`, questionnaire: `${FORM}|1` },
    { ...answer, id: `m-answer-other-${i}`, questionnaire: 'http://example.org/Questionnaire/other' },
  )
  if (!random.happens(0.6)) return
  docs.push({
    ...{ resourceType: 'Task', id: `m-question-${i}`, intent: 'order', for: subject },
    status: random.pick(['requested', 'in-progress', 'completed']),
    owner: ref(random.pick(MEMBERS)),
    partOf: [ref(`Task/m-task-${i}`)],
    code: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/task-code', code: 'answer-questionnaire' }] },
    identifier: [
      {
        system: 'http://fylgje.no/fhir/NamingSystem/finding',
        value: `http://example.org/refers|*eligibility:${FORM}|Patient/${id}|Task/m-task-${i}`,
      },
    ],
    input: [{ type: { text: 'form' }, valueCanonical: `${FORM}|1` }],
  })
}

/** A visit at home, or at a place that is nobody's. */
function makeVisit({ random, docs }: Making, id: string, i: number): void {
  if (!random.happens(0.4)) return
  const home = { resourceType: 'Location', id: `m-home-${i}`, name: STREET, address: addressOf(random)[0] }
  docs.push(
    { ...home, physicalType: { coding: [{ code: 'ho' }] } },
    {
      ...{ resourceType: 'Encounter', id: `m-enc-${i}`, status: 'finished', class: { code: 'HH' } },
      subject: ref(`Patient/${id}`),
      location: [{ location: { reference: `Location/${random.pick([home.id, 'm-loc'])}`, display: STREET } }],
    },
  )
}

const optional = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value })

function makeOpenings({ random, now, docs }: Making, id: string, i: number): void {
  if (!random.happens(0.2)) return
  docs.push({
    ...{ resourceType: 'Task', id: `m-open-${i}`, intent: 'order', for: ref(`Patient/${id}`) },
    status: random.pick(['requested', 'completed', 'cancelled']),
    code: { coding: [{ system: OPENING, code: random.pick(['break-glass', 'open-restricted', 'open-restricted']) }] },
    requester: ref(random.pick(['Practitioner/m-nurse', 'Practitioner/m-doctor', 'Practitioner/m-nurse2'])),
    restriction: { period: random.pick(PERIODS(now).slice(2, 5)) },
  })
}

function makeFamily({ random, now, docs }: Making, id: string, i: number): void {
  const isGuardian = i % 2 === 0
  const { label, mark } = protection(random)
  docs.push({
    ...(random.happens(0.3) ? label : {}),
    address: addressOf(random, random.happens(0.3) ? mark : {}),
    ...{ resourceType: 'RelatedPerson', id: `m-rp-${i}`, patient: ref(`Patient/${id}`) },
    ...optional('active', random.pick([undefined, true, true, false])),
    ...optional('period', random.pick(PERIODS(now).slice(0, 4))),
    relationship: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: isGuardian ? 'MTH' : 'SIS' }] },
    ],
  })
}

type ObservationParts = { subject?: object; code: string; more?: object }
const observation = (id: string, { subject, code, more = {} }: ObservationParts): Doc => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: LOINC, code }] } },
  ...(subject ? { subject } : {}),
  ...more,
})

function labels(random: Random, now: Date): object {
  if (!random.happens(0.3)) return {}
  const delayed = (days: number) => ({
    ...{ system: DELAY, code: '2' },
    ...(days === 0 ? {} : { extension: [{ url: RELEASE_AT, valueDateTime: day(now, days) }] }),
  })
  const label = random.pick([
    { system: CONFIDENTIALITY, code: 'R' },
    { system: CONFIDENTIALITY, code: 'V' },
    { system: CONFIDENTIALITY, code: 'N' },
    { system: ACT_CODE, code: 'PSY' },
    ...[delayed(0), delayed(5), delayed(-5)],
  ])
  return { meta: { security: [label] } }
}

function makeRecord({ random, now, docs }: Making, id: string, i: number): void {
  const subject = ref(`Patient/${id}`)
  for (const n of [0, 1, 2]) {
    docs.push(
      observation(`m-obs-${i}-${n}`, {
        ...{ subject, code: random.pick(CODES) },
        more: {
          ...labels(random, now),
          ...optional('effectiveDateTime', random.pick([undefined, day(now, -400), day(now, -10), day(now, -1)])),
          ...(random.happens(0.15) ? { performer: [ref(`Patient/m-p${random.below(PATIENT_COUNT)}`)] } : {}),
        },
      }),
    )
  }
  docs.push({
    ...{ resourceType: 'Condition', id: `m-cond-${i}`, subject },
    code: { coding: [{ system: LOINC, code: random.pick(CODES) }] },
    ...labels(random, now),
  })
  docs.push({
    ...{ resourceType: 'MedicationRequest', id: `m-med-${i}`, status: 'active', intent: 'order', subject },
    medicationCodeableConcept: { text: 'x' },
  })
  docs.push({
    resourceType: 'Goal',
    id: `m-goal-${i}`,
    lifecycleStatus: 'active',
    description: { text: 'x' },
    subject,
    ...labels(random, now),
  })
  docs.push({ resourceType: 'Device', id: `m-dev-${i}`, status: 'active', patient: subject })
  docs.push({
    resourceType: 'Provenance',
    id: `m-prov-${i}`,
    target: [ref(`Goal/m-goal-${i}`), ...(random.happens(0.7) ? [subject] : [])],
    recorded: now.toISOString(),
    agent: [{ who: ref('Practitioner/m-nurse') }],
  })
  docs.push({
    ...{ resourceType: 'Appointment', id: `m-appt-${i}`, status: 'booked' },
    participant: [
      { actor: subject, status: 'accepted' },
      {
        actor: ref(random.pick([`Patient/m-p${random.below(PATIENT_COUNT)}`, 'Practitioner/m-nurse'])),
        status: 'accepted',
      },
    ],
  })
}

/** One dot, as patients and the family may send it. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** What is written to somebody, a picture, and a document with its content; some contents belong to no document. */
function makeDocuments({ random, now, docs }: Making, id: string, i: number): void {
  const subject = ref(`Patient/${id}`)
  const content = (name: string) => ({ resourceType: 'Binary', id: name, contentType: 'text/plain', data: 'aGVp' })
  docs.push(
    { resourceType: 'Communication', id: `m-com-${i}`, status: 'completed', subject, ...labels(random, now) },
    {
      ...{ resourceType: 'DocumentReference', id: `m-doc-${i}`, status: 'current', subject, ...labels(random, now) },
      content: [{ attachment: { url: `Binary/m-bin-${i}` } }],
    },
    { ...content(`m-bin-${i}`), securityContext: ref(`DocumentReference/m-doc-${i}`) },
    {
      ...{ resourceType: 'Media', id: `m-media-${i}`, status: 'completed', subject, ...labels(random, now) },
      content: { contentType: 'image/png', data: PICTURE },
    },
    { ...content(`m-bin-media-${i}`), securityContext: ref(`Media/m-media-${i}`) },
  )
  if (random.happens(0.2)) docs.push(content(`m-bin-free-${i}`))
}

const PRIVACY = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] }
const ACTORS = [
  'Practitioner/m-nurse',
  'Practitioner/m-doctor',
  'PractitionerRole/m-role-responder',
  'Organization/m-ward',
  'Organization/m-hospital',
  'CareTeam/m-team',
]

function makeConsents({ random, now, docs }: Making, id: string, i: number): void {
  const consent = (name: string, provision: object) =>
    docs.push({
      ...{
        resourceType: 'Consent',
        id: `m-con-${name}-${i}`,
        status: random.pick(['active', 'active', 'active', 'inactive']),
      },
      ...{ scope: random.happens(0.9) ? PRIVACY : { text: 'research' }, patient: ref(`Patient/${id}`), provision },
    })
  const actor = (reference: string) => ({ role: { text: 'x' }, reference: ref(reference) })
  const what = () =>
    random.pick<object>([
      {},
      {
        class: [
          {
            system: 'http://hl7.org/fhir/resource-types',
            code: random.pick([
              ...['Observation', 'Condition', 'Patient', 'Appointment', 'Device', 'Communication', 'DocumentReference'],
              'Media',
            ]),
          },
        ],
      },
      { code: [{ coding: [{ system: LOINC, code: random.pick(CODES) }] }] },
      { securityLabel: [{ system: CONFIDENTIALITY, code: 'R' }] },
      { dataPeriod: { start: day(now, -20) } },
      { data: [{ meaning: 'instance', reference: ref(`Observation/m-obs-${i}-0`) }] },
    ])
  const observations = { system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }
  if (random.happens(0.35)) {
    consent('deny', {
      type: 'deny',
      ...optional('period', random.pick(PERIODS(now))),
      ...(random.happens(0.8) ? { actor: random.some(ACTORS, 1).map(actor) } : {}),
      ...what(),
      ...(random.happens(0.4)
        ? {
            provision: [
              {
                ...{
                  type: 'permit',
                  ...(random.happens(0.5) ? { actor: [actor(random.pick(ACTORS))] } : {}),
                  ...what(),
                },
                ...(random.happens(0.2) ? { provision: [{ type: 'deny', ...what() }] } : {}),
              },
              ...(random.happens(0.4)
                ? [{ type: 'deny', ...(random.happens(0.5) ? { actor: [actor(random.pick(ACTORS))] } : {}), ...what() }]
                : []),
            ],
          }
        : {}),
    })
  }
  if (random.happens(0.5)) {
    const grantee = random.pick([
      `RelatedPerson/m-rp-${i}`,
      `RelatedPerson/m-rp-${i}`,
      'Practitioner/m-nurse2',
      'Organization/m-centre',
    ])
    consent('grant', {
      type: 'permit',
      ...optional('period', random.pick(PERIODS(now))),
      actor: [actor(grantee)],
      ...random.pick<object>([
        {},
        {},
        { class: [observations] },
        { code: [{ coding: [{ system: LOINC, code: random.pick(CODES) }] }] },
      ]),
      ...(random.happens(0.3) ? { provision: [{ type: 'deny', ...what() }] } : {}),
      ...(random.happens(0.2) ? { provision: [{ type: 'permit', class: [observations] }] } : {}),
    })
  }
}

const STAFF_SCOPES = [
  'user/*.cruds',
  'user/*.rs',
  'user/Observation.rs user/Patient.rs',
  `user/*.cruds user/Observation.rs`,
  `user/Observation.crus?code=${LOINC}|${CODES[0]} user/Patient.rs`,
]

function callersOf({ random }: Making, patients: string[]): Caller[] {
  const staff = PEOPLE.flatMap((id): Caller[] => [
    { name: id, actor: `Practitioner/m-${id}`, scope: 'user/*.cruds' },
    { name: `${id} with less`, actor: `Practitioner/m-${id}`, scope: random.pick(STAFF_SCOPES.slice(1)) },
  ])
  const launched = ['nurse', 'doctor', 'responder'].map((id): Caller => {
    const patient = random.pick(patients)
    return { name: `${id} for ${patient}`, actor: `Practitioner/m-${id}`, scope: 'patient/*.rs', patient }
  })
  const own = random
    .some(patients, 4)
    .map((patient): Caller => ({ name: patient, actor: `Patient/${patient}`, scope: 'patient/*.cruds', patient }))
  const family = patients.flatMap((_, i): Caller[] =>
    i % 4 === 0 || i < 6 ? [{ name: `family of ${i}`, actor: `RelatedPerson/m-rp-${i}`, scope: 'user/*.cruds' }] : [],
  )
  return [
    ...staff,
    ...launched,
    ...own,
    ...family,
    { name: 'role alone', actor: 'PractitionerRole/m-role-nurse', scope: 'user/*.rs' },
    { name: 'nobody known', actor: 'Practitioner/m-unknown', scope: 'user/*.cruds' },
    { name: 'system', actor: 'Client/system', scope: 'system/*.cruds' },
    {
      name: 'system with less',
      actor: 'Client/less',
      scope: `system/Observation.rs?code=${LOINC}|${CODES[1]} system/Patient.rs`,
    },
    { name: 'system for one', actor: 'Client/one', scope: 'patient/*.rs', patient: patients[0] ?? '' },
  ]
}
