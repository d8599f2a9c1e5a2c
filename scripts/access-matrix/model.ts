import type { Doc } from './making.ts'
import type { Caller, World } from './world.ts'

/**
 * Who may see what, written in plain loops over the resources, as docs/access.md tells it. It is slow, shares no code with the
 * server, and knows nothing of tables, tokens or SQL: what the two differ in is wrong in one of them.
 */
export type Letter = 'c' | 'r' | 'u' | 'd' | 's'

type Period = { start?: string; end?: string } | undefined
type Ref = { reference?: string } | undefined
type Code = { system?: string; code?: string; extension?: { url: string; valueDateTime?: string }[] }
type Concept = { coding?: Code[]; text?: string }
type Provision = {
  type?: string
  period?: Period
  actor?: { reference?: Ref }[]
  class?: Code[]
  code?: Concept[]
  securityLabel?: Code[]
  data?: { reference?: Ref }[]
  dataPeriod?: Period
  provision?: Provision[]
}

const DIRECTORY = ['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService']
const KNOWLEDGE = ['PlanDefinition', 'Questionnaire', 'ValueSet', 'CodeSystem', 'Library', 'ActivityDefinition']
const OPERATION = [
  'Task',
  'CareTeam',
  'Device',
  'Schedule',
  'Slot',
  'Group',
  'Basic',
  'Communication',
  'MeasureReport',
  'List',
]
const WORK = [
  'Task',
  'Observation',
  'QuestionnaireResponse',
  'Communication',
  'CarePlan',
  'Goal',
  'Device',
  'Appointment',
  'Provenance',
  'ServiceRequest',
  'RequestGroup',
  'ClinicalImpression',
  'DocumentReference',
  'Encounter',
]
const ADDED = [
  'Observation',
  'QuestionnaireResponse',
  'Communication',
  'Media',
  'DocumentReference',
  'MedicationStatement',
]
/** Whoever holds a handover has it as open as any other Task: the receiver who is asked, or the asker while something is missing. */
const OPEN = ['requested', 'received', 'in-progress', 'on-hold']
const CARE = ['care-team', 'care-plan', 'episode', 'gp']

const ROLE_SYSTEM = 'http://fylgje.no/fhir/CodeSystem/access-role'
const OPENING = 'http://fylgje.no/fhir/CodeSystem/access-opening'
const DELAY = 'urn:oid:2.16.578.1.12.4.1.1.9603'

export type Model = {
  /** Whether the caller may do this with the resource. */
  may(caller: Caller, letter: Letter, doc: Doc): boolean
  /** Whether the caller is given it by its id: a content is as open as the document that it belongs to. */
  reads(caller: Caller, doc: Doc): boolean
  /** Whether the caller, who may see the resource, is told the addresses in it. */
  isToldAddress(caller: Caller, doc: Doc): boolean
  /** How much of the audit the caller may search: nobody sees it by a relation. */
  auditOf(caller: Caller): 'all' | 'own' | 'none'
  /** Whether the caller may do this with anything of the type at all. */
  permits(caller: Caller, letter: Letter, type: string): boolean
  /** Whether the caller is told that something is closed in this patient's record. */
  isToldOfClosed(caller: Caller, patient: string): boolean
  /** Whether the caller, who has nothing to do with the patient, may open the record by breaking the glass. */
  breaksGlass(caller: Caller, patient: string): boolean
  /** Whether the caller may open what the patient has closed to them, or an address that is kept from them. */
  opensClosed(caller: Caller, patient: string): boolean
  /** What of these the caller is shown from an EHR; undefined for whoever may not look there. */
  findsInJournal(caller: Caller, patient: string, docs: Doc[]): Doc[] | undefined
  docs: Doc[]
  byName: Map<string, Doc>
}

/** The questions of this world all ask for one form before a referral is answered, and no other Task of it asks for one. */
const ASKED_FORM = 'http://example.org/Questionnaire/asked|1'
const isQuestion = ({ resourceType, id }: Doc): boolean =>
  resourceType === 'Task' && String(id).startsWith('m-question-')
/** What a question opens to whoever is asked. */
const isOfQuestion = (doc: Doc): boolean =>
  doc.resourceType === 'Patient' || isQuestion(doc) || doc.questionnaire === ASKED_FORM
const ASKED_FOR: Record<Letter, string[]> = {
  c: ['QuestionnaireResponse'],
  r: ['Patient', 'Task', 'QuestionnaireResponse', 'Communication'],
  u: ['Task', 'QuestionnaireResponse'],
  d: [],
  s: ['Patient', 'Task', 'QuestionnaireResponse', 'Communication'],
}

/** Of no class and no code. */
const NOTHING: Doc = { resourceType: 'Nothing', id: '-' }

export function createModel({ docs, made }: World, now: Date): Model {
  const byName = new Map(docs.map((doc) => [`${doc.resourceType}/${doc.id}`, doc]))
  const of = (type: string) => docs.filter((doc) => doc.resourceType === type)
  const to = (ref: unknown): string => (ref as Ref)?.reference ?? ''

  // --- time

  /** A day lasts until midnight in Norway; these tests never come within hours of one. */
  function lasts(period: unknown): boolean {
    const { start, end } = (period ?? {}) as { start?: string; end?: string }
    if (start !== undefined && new Date(start) > now) return false
    if (end === undefined) return true
    if (end.length > 10) return new Date(end) > now
    return new Date(`${end}T23:59:59+01:00`) >= now
  }

  // --- who somebody is

  function closure(actor: string): Set<string> {
    const mine = new Set([actor])
    const asRole = actor.startsWith('PractitionerRole/')
    for (let before = -1; before !== mine.size; ) {
      before = mine.size
      for (const role of of('PractitionerRole')) {
        if (role.active === false || !lasts(role.period)) continue
        const own = `PractitionerRole/${role.id}`
        if (mine.has(to(role.practitioner)) && !asRole) mine.add(own)
        if (mine.has(own)) {
          mine.add(to(role.practitioner))
          mine.add(to(role.organization))
        }
      }
      for (const organization of of('Organization')) {
        if (mine.has(`Organization/${organization.id}`) && organization.active !== false && to(organization.partOf))
          mine.add(to(organization.partOf))
      }
      for (const team of of('CareTeam')) {
        if (team.status !== 'active') continue
        for (const { member, period } of (team.participant ?? []) as { member?: Ref; period?: Period }[]) {
          if (mine.has(to(member)) && lasts(period)) mine.add(`CareTeam/${team.id}`)
        }
      }
    }
    const hasLeft = [...mine].some((name) => /^Practitioner(Role)?\//.test(name) && byName.get(name)?.active === false)
    return hasLeft ? new Set() : mine
  }

  function rolesOf(actor: string, mine: Set<string>): Set<string> {
    if (actor.startsWith('Patient/')) return new Set(['patient'])
    if (actor.startsWith('RelatedPerson/')) return new Set(['next-of-kin'])
    const roles = new Set<string>()
    for (const role of of('PractitionerRole')) {
      if (!mine.has(`PractitionerRole/${role.id}`)) continue
      for (const { coding = [] } of (role.code ?? []) as Concept[]) {
        for (const { system, code } of coding) {
          if (system === ROLE_SYSTEM) roles.add(code ?? '')
          if (code === 'SP') roles.add('nurse')
          if (code === 'LE') roles.add('doctor')
          if (code === 'response-nurse') roles.add('responder')
        }
      }
    }
    return roles
  }

  // --- of whom a resource is

  function patientsOf(doc: Doc): string[] {
    const list: string[] = []
    const add = (ref: unknown) => {
      if (to(ref).startsWith('Patient/')) list.push(to(ref).slice(8))
    }
    switch (doc.resourceType) {
      case 'Patient':
        return [doc.id]
      case 'Task':
        add(doc.for)
        break
      case 'Appointment':
        for (const { actor } of doc.participant as { actor: Ref }[]) add(actor)
        break
      case 'Provenance':
        for (const target of doc.target as Ref[]) add(target)
        break
      default:
        add(doc.subject)
        add(doc.patient)
    }
    return list
  }

  /** R4's compartment, which is wider: who measured, sent or wrote is in it too. */
  function compartmentsOf(doc: Doc): string[] {
    const list = patientsOf(doc)
    for (const maker of [doc.performer, doc.sender, doc.author].flat())
      if (to(maker).startsWith('Patient/')) list.push(to(maker).slice(8))
    return list
  }

  // --- how somebody has to do with a patient

  function relations(mine: Set<string>, patient: string, doc: Doc): Set<string> {
    const found = new Set<string>()
    const about = `Patient/${patient}`
    for (const team of of('CareTeam')) {
      if (
        team.status === 'active' &&
        to(team.subject) === about &&
        lasts(team.period) &&
        mine.has(`CareTeam/${team.id}`)
      )
        found.add('care-team')
    }
    for (const plan of of('CarePlan')) {
      if (!['active', 'on-hold'].includes(String(plan.status)) || to(plan.subject) !== about || !lasts(plan.period))
        continue
      for (const team of plan.careTeam as Ref[]) if (mine.has(to(team))) found.add('care-plan')
    }
    for (const episode of of('EpisodeOfCare')) {
      if (
        !['active', 'onhold'].includes(String(episode.status)) ||
        to(episode.patient) !== about ||
        !lasts(episode.period)
      )
        continue
      if (mine.has(to(episode.managingOrganization))) found.add('episode')
    }
    const person = byName.get(about)
    for (const gp of (person?.generalPractitioner ?? []) as Ref[]) if (mine.has(to(gp))) found.add('gp')
    for (const task of of('Task')) {
      if (to(task.for) !== about) continue
      const opening = codesIn(task.code).find(({ system }) => system === OPENING)?.code
      if (opening === undefined) {
        if (!OPEN.includes(String(task.status)) || !mine.has(to(task.owner))) continue
        if (!isQuestion(task)) found.add('task')
        else if (isOfQuestion(doc)) found.add('asked')
      } else if (
        task.status !== 'cancelled' &&
        mine.has(to(task.requester)) &&
        lasts((task.restriction as { period?: Period }).period)
      ) {
        found.add(opening === 'break-glass' ? 'break-glass' : 'opened')
      }
    }
    for (const consent of consentsOf(patient)) {
      for (const provision of grantsOf(consent)) {
        const isFor = (provision.actor ?? []).some(({ reference }) => mine.has(to(reference)))
        if (isFor && isOfClass(provision, doc) && hasCode(provision, doc)) found.add('granted')
      }
    }
    return found
  }

  /** What a Consent gives: the root, and permits within it, to those of the root where they name nobody. */
  function grantsOf(consent: Doc): Provision[] {
    const root = consent.provision as Provision
    if (root.type !== 'permit' || !lasts(root.period)) return []
    const within = (root.provision ?? []).filter(({ type, period }) => type === 'permit' && lasts(period))
    return [root, ...within.map((one) => ({ ...one, actor: one.actor ?? root.actor ?? [] }))]
  }

  /** What a Consent closes, each with what it leaves open. Whatever is denied within a denial is closed beside it. */
  function closingsOf(base: Provision): { rule: Provision; exceptions: Provision[] }[] {
    const within = base.provision ?? []
    const denied = within.filter(({ type }) => type === 'deny').map((rule) => ({ rule, exceptions: [] as Provision[] }))
    if (base.type !== 'deny') return denied
    // An exception that has exceptions of its own is none.
    const exceptions = within.filter(({ type, provision }) => type === 'permit' && provision === undefined)
    return [{ rule: base, exceptions }, ...denied]
  }

  const codesIn = (concept: unknown): Code[] => (concept as Concept | undefined)?.coding ?? []

  function consentsOf(patient: string): Doc[] {
    return of('Consent').filter(
      (consent) =>
        consent.status === 'active' &&
        to(consent.patient) === `Patient/${patient}` &&
        codesIn(consent.scope).some(({ code }) => code === 'patient-privacy'),
    )
  }

  // --- what a patient has closed

  const isOfClass = ({ class: classes = [] }: Provision, doc: Doc) =>
    classes.length === 0 || classes.some(({ code }) => code === doc.resourceType)

  function hasCode({ code = [] }: Provision, doc: Doc): boolean {
    if (code.length === 0) return true
    const own = codesIn(doc.code)
    return code.some(({ coding = [] }) =>
      coding.some((one) => own.some(({ system, code: value }) => system === one.system && value === one.code)),
    )
  }

  const securityOf = (doc: Doc): Code[] => (doc.meta as { security?: Code[] } | undefined)?.security ?? []

  function concerns(provision: Provision, doc: Doc, ifUndated: boolean): boolean {
    const { securityLabel = [], data = [], dataPeriod } = provision
    if (!isOfClass(provision, doc) || !hasCode(provision, doc)) return false
    if (
      securityLabel.length > 0 &&
      !securityOf(doc).some((own) =>
        securityLabel.some(({ system, code }) => own.system === system && own.code === code),
      )
    )
      return false
    if (data.length > 0 && !data.some(({ reference }) => to(reference) === `${doc.resourceType}/${doc.id}`))
      return false
    if (dataPeriod === undefined) return true
    const done = dateOf(doc)
    if (done === undefined) return ifUndated
    return new Date(done) >= new Date(dataPeriod.start ?? 0)
  }

  /** The type's main date. */
  const dateOf = (doc: Doc): string | undefined => {
    switch (doc.resourceType) {
      case 'Observation':
        return doc.effectiveDateTime as string | undefined
      case 'Patient':
        return doc.birthDate as string | undefined
      case 'CarePlan':
      case 'EpisodeOfCare':
      case 'CareTeam':
        return periodLow(doc)
      case 'Provenance':
        return doc.recorded as string
      default:
        return undefined
    }
  }
  /** A period that lasts into the time asked for is in it, whenever it began. */
  const periodLow = ({ period }: Doc): string | undefined => {
    const { start, end } = (period ?? {}) as { start?: string; end?: string }
    if (start === undefined && end === undefined) return undefined
    return end ?? '9999-01-01'
  }

  const meets = ({ actor = [] }: Provision, names: Set<string>) =>
    actor.length === 0 || actor.some(({ reference }) => names.has(to(reference)))

  function isClosedTo(names: Set<string>, patient: string, doc: Doc): boolean {
    if (isOpened(names, patient)) return false
    for (const consent of consentsOf(patient)) {
      const base = consent.provision as Provision
      if (!lasts(base.period)) continue
      const isItself = doc.resourceType === 'Consent' && doc.id === consent.id
      for (const { rule, exceptions } of closingsOf(base)) {
        const whom = rule.actor ? rule : base
        if (!meets(whom, names) || !lasts(rule.period)) continue
        if (isItself) return true
        const isWhole = !rule.class && !rule.data
        if (doc.resourceType === 'Patient' && isWhole) continue
        if (!concerns(rule, doc, true)) continue
        const isExcepted = exceptions.some(
          (one) => meets(one.actor ? one : base, names) && lasts(one.period) && concerns(one, doc, false),
        )
        if (!isExcepted) return true
      }
    }
    return false
  }

  const isOpened = (names: Set<string>, patient: string): boolean =>
    of('Task').some(
      (task) =>
        to(task.for) === `Patient/${patient}` &&
        codesIn(task.code).some(({ system, code }) => system === OPENING && code === 'open-restricted') &&
        task.status !== 'cancelled' &&
        names.has(to(task.requester)) &&
        lasts((task.restriction as { period?: Period }).period),
    )

  function isDelayed(doc: Doc): boolean {
    // Only of what says by itself whose it is.
    if (patientsOf(doc).length === 0 || doc.resourceType === 'Appointment' || doc.resourceType === 'Provenance')
      return false
    return securityOf(doc).some(({ system, extension = [] }) => {
      if (system !== DELAY) return false
      const at = extension[0]?.valueDateTime
      return at === undefined || new Date(at) > now
    })
  }

  function isLabelledAway(roles: Set<string>, doc: Doc): boolean {
    const sees = (...allowed: string[]) => allowed.some((role) => roles.has(role))
    return securityOf(doc).some(({ code, system = '' }) => {
      if (!system.includes('v3-')) return false
      if (code === 'V') return !sees('patient', 'doctor')
      if (code === 'R' || code === 'PSY') return !sees('patient', 'nurse', 'doctor')
      return false
    })
  }

  // --- what a role may do, by how it has to do with the patient

  function waysOf(role: string, type: string, letter: Letter): string[] {
    const isRecord = !DIRECTORY.includes(type) && !KNOWLEDGE.includes(type)
    const reads = letter === 'r' || letter === 's'
    const deletes = letter === 'd'
    const changes = letter === 'c' || letter === 'u'
    const ways: string[] = []
    const give = (is: boolean, ...more: string[]) => {
      if (is) ways.push(...more)
    }
    switch (role) {
      case 'patient':
        give(isRecord && reads, 'own')
        give(letter === 'c' && [...ADDED, 'Consent', 'RelatedPerson'].includes(type), 'own')
        give(letter === 'u' && ['QuestionnaireResponse', 'Consent', 'RelatedPerson'].includes(type), 'own')
        break
      case 'next-of-kin':
        give(isRecord && reads && type !== 'Consent', 'own', 'granted')
        give(letter === 'c' && ADDED.includes(type), 'own', 'granted')
        break
      case 'nurse':
      case 'doctor': {
        const prescribes = role === 'doctor' || type !== 'MedicationRequest'
        give(isRecord && prescribes, ...CARE)
        give(isRecord && prescribes && !deletes, 'task')
        give(ASKED_FOR[letter].includes(type), 'asked')
        give(isRecord && !prescribes && reads, ...CARE)
        give(isRecord && reads, 'granted', 'break-glass')
        give(changes && WORK.includes(type), 'break-glass')
        give(reads && OPERATION.includes(type), 'unattached')
        give(changes && type === 'Task', 'unattached')
        break
      }
      case 'responder':
        give(isRecord && reads, ...CARE, 'task', 'break-glass')
        give(changes && WORK.includes(type), ...CARE, 'task')
        give(ASKED_FOR[letter].includes(type), 'asked')
        give(reads && OPERATION.includes(type), 'unattached')
        give(changes && type === 'Task', 'unattached')
        break
      case 'plan-author':
        give(reads && OPERATION.includes(type), 'unattached')
        give(changes && type === 'Task', 'unattached')
        break
      case 'administrator':
        give(DIRECTORY.includes(type), 'any')
        give(OPERATION.includes(type), 'unattached')
        give(!deletes && ['Patient', 'RelatedPerson', 'EpisodeOfCare', 'CareTeam'].includes(type), 'any')
        give(type === 'Task' && letter !== 'c' && !deletes, 'any-opening')
        break
    }
    if (reads && !isRecord) ways.push('any')
    return ways
  }

  function ageOf(patient: string): number {
    const born = byName.get(`Patient/${patient}`)?.birthDate as string | undefined
    if (born === undefined) return 99
    const [year = 0, month = 0, dayOfMonth = 0] = born.split('-').map(Number)
    const had = now.getMonth() + 1 > month || (now.getMonth() + 1 === month && now.getDate() >= dayOfMonth)
    return now.getFullYear() - year - (had ? 0 : 1)
  }

  type Scope = { level: string; type: string; letters: string; code?: string }
  function scopesOf({ scope }: Caller): Scope[] {
    return scope.split(' ').map((text) => {
      const [, level = '', type = '', letters = '', code] =
        /^(\w+)\/([\w*]+)\.(\w+)(?:\?code=[^|]*\|(.*))?$/.exec(text) ?? []
      return { level, type, letters, ...(code ? { code } : {}) }
    })
  }

  function scopeLets(caller: Caller, letter: Letter, doc: Doc): boolean {
    const isSystem = caller.actor.startsWith('Client/')
    const isShared = DIRECTORY.includes(doc.resourceType) || KNOWLEDGE.includes(doc.resourceType)
    return scopesOf(caller).some(({ level, type, letters, code }) => {
      if (type !== '*' && type !== doc.resourceType) return false
      if (!letters.includes(letter)) return false
      if (code !== undefined && !codesIn(doc.code).some((one) => one.code === code)) return false
      if (level === 'system') return isSystem
      if (level === 'user') return !isSystem
      if (isShared || doc.resourceType === 'Subscription') return true
      return caller.patient !== undefined && compartmentsOf(doc).includes(caller.patient)
    })
  }
  const known = new Map<string, { mine: Set<string>; roles: Set<string> }>()
  function standing(actor: string) {
    const before = known.get(actor)
    if (before) return before
    const mine = closure(actor)
    const found = { mine, roles: rolesOf(actor, mine) }
    known.set(actor, found)
    return found
  }

  const isOfPerson = (actor: string): boolean => !actor.startsWith('Client/')

  function may(caller: Caller, letter: Letter, doc: Doc): boolean {
    if (!scopeLets(caller, letter, doc)) return false
    const { actor } = caller
    const type = doc.resourceType
    // Its maker's alone, a system's too; administrators see to all of them.
    if (type === 'Subscription')
      return (
        (made.get(doc.id)?.actor ?? actor) === actor ||
        (standing(actor).roles.has('administrator') && isOfPerson(actor))
      )
    if (actor.startsWith('Client/')) return !(caller.scope.startsWith('patient/') && type === 'Device')
    const { mine, roles } = standing(actor)
    const patients = patientsOf(doc)
    const isShared = DIRECTORY.includes(type) || KNOWLEDGE.includes(type)
    for (const role of [...roles, 'anyone']) {
      for (const way of waysOf(role, type, letter)) {
        if (isShared) {
          if (way === 'any') return true
          continue
        }
        if (way === 'unattached') {
          if (compartmentsOf(doc).length === 0 && !isLabelledAway(roles, doc)) return true
          continue
        }
        if (actor.startsWith('Patient/')) {
          const own = actor.slice(8)
          const isOwn = letter === 'c' || letter === 'u' ? patients.includes(own) : compartmentsOf(doc).includes(own)
          // What is not there yet has nothing that keeps it back.
          if (way === 'own' && isOwn && (letter === 'c' || !isDelayed(doc))) return true
          continue
        }
        if (actor.startsWith('RelatedPerson/')) {
          if (kinMay(actor, letter, doc, way)) return true
          continue
        }
        const names = new Set([...mine])
        if (isLabelledAway(roles, doc)) continue
        if (way === 'any-opening') {
          if (codesIn(doc.code).some(({ system }) => system === OPENING)) return true
          continue
        }
        if (patients.some((patient) => isClosedTo(names, patient, doc))) continue
        if (way === 'any') return true
        if (patients.some((patient) => relations(mine, patient, doc).has(way))) return true
      }
    }
    return false
  }

  function reads(caller: Caller, doc: Doc): boolean {
    if (doc.resourceType !== 'Binary' || caller.actor.startsWith('Client/')) return may(caller, 'r', doc)
    const document = byName.get(to(doc.securityContext))
    return document?.resourceType === 'DocumentReference' && may(caller, 'r', document)
  }

  function kinMay(actor: string, letter: Letter, doc: Doc, way: string): boolean {
    const person = byName.get(actor)
    if (!person || person.active === false || !lasts(person.period)) return false
    const child = to(person.patient).slice(8)
    const names = new Set([actor])
    const patients = patientsOf(doc)
    if (isDelayed(doc) || patients.some((patient) => isClosedTo(names, patient, doc))) return false
    const roles = new Set(['next-of-kin'])
    if (way === 'granted') {
      return (
        !isLabelledAway(roles, doc) &&
        compartmentsOf(doc).includes(child) &&
        patients.some((patient) => relations(names, patient, doc).has('granted'))
      )
    }
    const isGuardian = (person.relationship as Concept[]).some((concept) =>
      codesIn(concept).some(({ code }) => code === 'MTH'),
    )
    const age = ageOf(child)
    if (way !== 'own' || !isGuardian || age >= 16) return false
    if (age >= 12 && isLabelledAway(roles, doc)) return false
    return letter === 'c' || letter === 'u' ? patients.includes(child) : compartmentsOf(doc).includes(child)
  }

  function isToldOfClosed(caller: Caller, patient: string): boolean {
    const { actor } = caller
    if (actor.startsWith('Client/') || actor.startsWith('Patient/')) return false
    const { mine } = standing(actor)
    const names = new Set(mine)
    if (isOpened(names, patient)) return false
    const anything = [...relations(mine, patient, NOTHING)]
    const kin = byName.get(actor)
    const isOwnChild =
      actor.startsWith('RelatedPerson/') &&
      kin !== undefined &&
      kin.active !== false &&
      lasts(kin.period) &&
      to(kin.patient) === `Patient/${patient}`
    const hasGrant = consentsOf(patient).some((consent) => {
      return grantsOf(consent).some(({ actor = [] }) => actor.some(({ reference }) => mine.has(to(reference))))
    })
    if (!anything.some((kind) => kind !== 'opened') && !hasGrant && !isOwnChild) return false
    return isSomethingClosed(names, patient)
  }

  /** Whatever it is. */
  function isSomethingClosed(names: Set<string>, patient: string): boolean {
    if (isOpened(names, patient)) return false
    return consentsOf(patient).some((consent) => {
      const base = consent.provision as Provision
      if (!lasts(base.period)) return false
      return closingsOf(base).some(({ rule, exceptions }) => {
        if (!meets(rule.actor ? rule : base, names) || !lasts(rule.period)) return false
        const isWhollyExcepted = exceptions.some(
          (one) =>
            meets(one.actor ? one : base, names) &&
            lasts(one.period) &&
            [one.class, one.code, one.securityLabel, one.data, one.dataPeriod].every((what) => what === undefined),
        )
        return !isWhollyExcepted
      })
    })
  }

  // --- addresses that must not be told

  /** The degrees that a resource claims for itself. */
  function degreesOf(doc: Doc): string[] {
    const isHome = doc.resourceType === 'Location' && codesIn(doc.physicalType).some(({ code }) => code === 'ho')
    const labels = securityOf(doc).filter(({ system = '' }) => system.endsWith('addressprotection'))
    const said = JSON.stringify(doc.address ?? '').match(/"confidentiality","valueCode":"(\w+)"/)?.[1]
    return [...labels.map(({ code }) => code), said, isHome ? 'strengtFortrolig' : undefined]
      .map((degree) => (degree === 'klientadresse' ? 'fortrolig' : degree))
      .filter((degree): degree is string => degree === 'fortrolig' || degree === 'strengtFortrolig')
  }

  function isToldAddress(caller: Caller, doc: Doc): boolean {
    const { actor } = caller
    if (actor.startsWith('Client/')) return true
    const { mine, roles } = standing(actor)
    const sees = (degree: string) =>
      roles.has('administrator') || (degree === 'fortrolig' && (roles.has('nurse') || roles.has('doctor')))
    const ofPatients = patientsOf(doc)
      .filter((patient) => !isOpened(new Set(mine), patient))
      .flatMap((patient) => degreesOf(byName.get(`Patient/${patient}`) ?? doc))
    const own = doc.resourceType === 'Patient' ? [] : degreesOf(doc)
    return [...own, ...ofPatients].every(sees)
  }

  function permits(caller: Caller, letter: Letter, type: string): boolean {
    const isAllowed = scopesOf(caller).some(
      (scope) => (scope.type === '*' || scope.type === type) && scope.letters.includes(letter),
    )
    // A system has no role: its scopes are all.
    if (caller.actor.startsWith('Client/')) return isAllowed
    if (type === 'Subscription') return isAllowed
    const { roles } = standing(caller.actor)
    return isAllowed && [...roles, 'anyone'].some((role) => waysOf(role, type, letter).length > 0)
  }

  // --- what is no matter of single resources

  /** Ways by which the whole record is open, and not what a patient has granted by class or code alone. */
  const whollyBy = (mine: Set<string>, patient: string): string[] =>
    [...relations(mine, patient, NOTHING)].filter((kind) => kind !== 'opened')

  function breaksGlass({ actor }: Caller, patient: string): boolean {
    const { mine, roles } = standing(actor)
    const isStaff = ['nurse', 'doctor', 'responder'].some((role) => roles.has(role))
    return isOfPerson(actor) && isStaff && whollyBy(mine, patient).length === 0
  }

  function opensClosed(caller: Caller, patient: string): boolean {
    const { mine, roles } = standing(caller.actor)
    if (!isOfPerson(caller.actor) || !(roles.has('nurse') || roles.has('doctor'))) return false
    const isGranted = consentsOf(patient).some((consent) =>
      grantsOf(consent).some(({ actor = [] }) => actor.some(({ reference }) => mine.has(to(reference)))),
    )
    if (whollyBy(mine, patient).length === 0 && !isGranted) return false
    const person = byName.get(`Patient/${patient}`) as Doc
    return isSomethingClosed(mine, patient) || !isToldAddress(caller, person)
  }

  const JOURNAL_TYPES = ['CarePlan', 'Condition', 'MedicationStatement', 'AllergyIntolerance']

  function findsInJournal(caller: Caller, patient: string, found: Doc[]): Doc[] | undefined {
    const { mine, roles } = standing(caller.actor)
    const isStaff = ['nurse', 'doctor', 'responder'].some((role) => roles.has(role))
    if (!isOfPerson(caller.actor) || !isStaff || !may(caller, 'r', byName.get(`Patient/${patient}`) as Doc))
      return undefined
    const areWhole = JOURNAL_TYPES.every((wanted) =>
      scopesOf(caller).some(
        ({ level, type, letters, code }) =>
          (type === '*' || type === wanted) &&
          letters.includes('s') &&
          code === undefined &&
          (level === 'user' || (level === 'patient' && caller.patient === patient)),
      ),
    )
    if (!areWhole || isSomethingClosed(mine, patient)) return undefined
    const showAll = (kind: string) =>
      JOURNAL_TYPES.every((type) => [...roles].some((role) => waysOf(role, type, 's').includes(kind)))
    if (!whollyBy(mine, patient).some(showAll)) return undefined
    return found.filter((doc) => !isLabelledAway(roles, doc))
  }

  function auditOf(caller: Caller): 'all' | 'own' | 'none' {
    const { actor } = caller
    const scopes = scopesOf(caller).filter(({ type, letters }) => type === '*' && letters.includes('s'))
    const isSystem = actor.startsWith('Client/')
    const isOwn = isSystem || actor.startsWith('Patient/')
    if (scopes.some(({ level }) => level === 'patient')) return isOwn ? 'own' : 'none'
    if (scopes.length === 0) return 'none'
    const { roles } = standing(actor)
    return isSystem || roles.has('administrator') || roles.has('privacy-officer') ? 'all' : 'none'
  }

  return {
    ...{ may, reads, isToldAddress, auditOf, permits, isToldOfClosed, breaksGlass, opensClosed, findsInJournal },
    ...{ docs, byName },
  }
}
