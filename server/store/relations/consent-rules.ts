import type { Coding, Consent, ConsentProvision } from '@medplum/fhirtypes'
import type { Issue } from '../../core/fhir/outcome.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'

const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope'
export const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types'

/**
 * What of a Consent about access holds here. What cannot be judged closes more than is said and gives less: the patient must be
 * able to rely on what they closed, and nobody is let in by half a rule.
 */
export type ConsentRules = {
  closes: Closing[]
  grants: ConsentProvision[]
  /** error: what it closes could not be kept, so it is refused. warning: it decides less, or closes more, than it says. */
  issues: Issue[]
}
export type Closing = { what: ConsentProvision; but: ConsentProvision[] }

/** A Consent that says who may see what. Those of another scope (research, treatment) decide nothing here. */
export const isAboutAccess = ({ scope }: Pick<Consent, 'scope'>): boolean =>
  (scope?.coding ?? []).some(({ system, code }) => system === CONSENT_SCOPE && code === 'patient-privacy')

const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
/** What nothing here is used for. A deny for these alone concerns others. */
const ELSEWHERE = new Set(['HRESCH', 'CLINTRCH', 'BIORCH', 'DSRCH', 'POARCH', 'TRANSRCH', 'HMARKT', 'HPAYMT', 'LEGAL'])
/** What whoever is let in uses the record for. */
const OURS = new Set(['TREAT', 'CAREMGT', 'FAMRQT', 'PATRQT', 'SUPNWK'])
const ACTORS = ['Practitioner', 'PractitionerRole', 'Organization', 'CareTeam', 'RelatedPerson']

type Basis = { baseUrl: string; isResourceType: (code: string) => boolean }
type Reading = Basis & { issues: Issue[] }
type Placed = { provision: ConsentProvision; place: string }

/**
 * Reads the root and the provisions within it. The root has a type in what IHE's Privacy Consent makes of R4; in R4's own words it
 * has none, and the `policyRule` says where it begins: an opt-out closes, of anything else only the typed provisions count.
 * @see https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.type
 */
export function rulesOf(consent: Pick<Consent, 'provision' | 'policyRule'>, basis: Basis): ConsentRules {
  const reading = { ...basis, issues: [] as Issue[] }
  const root = { provision: consent.provision ?? {}, place: 'Consent.provision' }
  const within = (root.provision.provision ?? []).map((provision, i) => ({
    provision: { ...(root.provision.actor && { actor: root.provision.actor }), ...provision },
    place: `Consent.provision.provision[${i}]`,
  }))
  const permits = within.filter(({ provision }) => provision.type === 'permit')
  const denies = within.filter(({ provision }) => provision.type === 'deny')
  const closings = (placed: Placed, but: ConsentProvision[]) =>
    readClosing(reading, placed).map((what) => ({ what, but }))
  const alone = denies.flatMap((placed) => [...warnOfExceptions(reading, placed), ...closings(placed, [])])
  const grants = (placed: Placed[]) => placed.flatMap((one) => readGrant(reading, one))
  const type = root.provision.type ?? (isOptOut(consent) ? 'deny' : undefined)
  if (type === 'deny') {
    const but = permits.flatMap((placed) => readException(reading, placed))
    return { closes: [...closings(root, but), ...alone], grants: [], issues: reading.issues }
  }
  if (type === undefined && within.length === 0) {
    warn(reading, `${root.place}.type`, 'says neither permit nor deny, and no policyRule opts out: it decides nothing.')
  }
  const given = type === 'permit' && !isOnlyAFrame(root.provision) ? [root, ...permits] : permits
  return { closes: alone, grants: grants(given), issues: reading.issues }
}

/** `permit` without anybody: whom it is for stands in the provisions within, or it is there for its exceptions. */
const isOnlyAFrame = ({ actor = [], provision = [] }: ConsentProvision) => actor.length === 0 && provision.length > 0

const isOptOut = ({ policyRule }: Pick<Consent, 'policyRule'>) =>
  (policyRule?.coding ?? []).some(({ code }) => code === 'OPTOUT')

function readClosing(reading: Reading, { provision, place }: Placed): ConsentProvision[] {
  const { purpose = [], action = [], actor = [] } = provision
  if (purpose.length > 0 && purpose.every((one) => isReason(one, ELSEWHERE))) {
    warn(reading, `${place}.purpose`, 'is nothing that is done here, so nothing is closed.')
    return []
  }
  if (purpose.length > 0) warn(reading, `${place}.purpose`, 'is not told apart here: it is closed for all care.')
  if (action.length > 0) warn(reading, `${place}.action`, 'is not told apart here: it is closed to every use.')
  refuseActors(reading, provision, place)
  for (const i of unknownClasses(reading, provision)) {
    refuse(
      reading,
      'value',
      `${place}.class[${i}]`,
      `A class is a resource type of R4, in the system ${RESOURCE_TYPES}.`,
    )
  }
  for (const i of unknownData(reading, provision)) {
    refuse(reading, 'not-supported', `${place}.data[${i}]`, 'data is one resource here, with the meaning instance.')
  }
  // A patient sees nothing of another's, so there is nothing to close to them.
  const closedTo = actor.filter((one) => typeOf(reading, one.reference) !== 'Patient')
  if (actor.length > 0 && closedTo.length === 0) return []
  return [{ ...provision, ...(actor.length > 0 && { actor: closedTo }) }]
}

function refuseActors(reading: Reading, { actor = [] }: ConsentProvision, place: string): void {
  for (const [i, { reference }] of actor.entries()) {
    if ([...ACTORS, 'Patient'].includes(typeOf(reading, reference) ?? '')) continue
    const expected = `An actor is a reference to ${ACTORS.join(', ')} here.`
    refuse(reading, 'value', `${place}.actor[${i}].reference`, expected)
  }
}

/** Exceptions of an exception: left out, more stays closed. */
function warnOfExceptions(reading: Reading, { provision, place }: Placed): [] {
  if ((provision.provision ?? []).length > 0) {
    warn(reading, `${place}.provision`, 'an exception has no exceptions of its own here: more is closed than is said.')
  }
  return []
}

/** What a permit leaves open in what is closed. Of one that is not understood, nothing. */
function readException(reading: Reading, { provision, place }: Placed): ConsentProvision[] {
  const known = knownActors(reading, provision)
  const isKept =
    isOurUse(provision) &&
    (provision.provision ?? []).length === 0 &&
    ((provision.actor ?? []).length === 0 || known.length > 0) &&
    unknownClasses(reading, provision).length === 0 &&
    unknownData(reading, provision).length === 0
  if (isKept) return [{ ...provision, ...(known.length > 0 && { actor: known }) }]
  warn(reading, place, 'is an exception that cannot be judged here: it stays closed.')
  return []
}

/** What is granted is for somebody, and by type or code alone: no more than the patient gave. */
function readGrant(reading: Reading, { provision, place }: Placed): ConsentProvision[] {
  const known = knownActors(reading, provision)
  if (known.length === 0) {
    warn(reading, `${place}.actor`, `names none of ${ACTORS.join(', ')}: nobody is given anything.`)
    return []
  }
  const limit = (['securityLabel', 'data', 'dataPeriod'] as const).find((name) => provision[name] !== undefined)
  if (limit) {
    const said = 'limits a permit, and what is granted is said by class and code here: it grants nothing.'
    warn(reading, `${place}.${limit}`, said)
    return []
  }
  const isExcepted = place !== 'Consent.provision' && (provision.provision ?? []).length > 0
  if (!isOurUse(provision) || isExcepted || unknownClasses(reading, provision).length > 0) {
    warn(
      reading,
      place,
      'has a purpose, an action, a class or exceptions that are not told apart here: it grants nothing.',
    )
    return []
  }
  return [{ ...provision, actor: known }]
}

/** Reading, for care. Other purposes and actions are given by nobody here. */
const isOurUse = ({ purpose = [], action = [] }: ConsentProvision): boolean =>
  (purpose.length === 0 || purpose.some((one) => isReason(one, OURS))) &&
  (action.length === 0 || action.some(({ coding = [] }) => coding.some(({ code }) => code === 'access')))

const isReason = ({ system, code = '' }: Coding, reasons: ReadonlySet<string>) =>
  system === ACT_REASON && reasons.has(code)

const knownActors = (reading: Reading, { actor = [] }: ConsentProvision) =>
  actor.filter(({ reference }) => ACTORS.includes(typeOf(reading, reference) ?? ''))

const typeOf = ({ baseUrl }: Basis, reference: { reference?: string } | undefined) =>
  reference?.reference ? parseLiteralReference(reference.reference, baseUrl)?.type : undefined

const unknownClasses = ({ isResourceType }: Basis, { class: classes = [] }: ConsentProvision): number[] =>
  classes.flatMap(({ system, code = '' }, i) => (system === RESOURCE_TYPES && isResourceType(code) ? [] : [i]))

const unknownData = (reading: Reading, { data = [] }: ConsentProvision): number[] =>
  data.flatMap(({ meaning, reference }, i) => (meaning === 'instance' && typeOf(reading, reference) ? [] : [i]))

const refuse = ({ issues }: Reading, code: Issue['code'], expression: string, diagnostics: string) =>
  issues.push({ severity: 'error', code, diagnostics, expression: [expression] })

const warn = ({ issues }: Reading, expression: string, said: string) =>
  issues.push({
    ...{ severity: 'warning', code: 'business-rule' as const },
    ...{ diagnostics: `${expression} ${said}`, expression: [expression] },
  })
