import type {
  AllergyIntolerance,
  Bundle,
  CarePlan,
  Condition,
  DiagnosticReport,
  DocumentReference,
  MedicationStatement,
  Observation,
  Parameters,
  Patient,
  Procedure,
  Task,
} from '@medplum/fhirtypes'
import type { Access } from './access/access.ts'
import type { ScopeLetter } from './access/scopes.ts'
import type { Audit } from './audit/audit.ts'
import type { FoundRecord, RecordsAsked } from './audit/find-records.ts'
import type { AuditRecord } from './audit/record.ts'
import type { AccessLog, AccessLogAsked } from './audit-trail/read-access-log.ts'
import type { Decided, DecisionsAsked, Handling } from './core/decide/decision-record.ts'
import type { Timer } from './core/decide/timer.ts'
import type { Language } from './core/decide/words/language.ts'
import type { SendingReason } from './core/decide/words/sending-reason.ts'
import type { Issue } from './core/fhir/outcome.ts'
import type { Resource } from './core/fhir/resource.ts'
import type { ElmBook } from './cql/elm-book.ts'
import type { Definitions } from './definitions/definitions.ts'
import type { Expressions } from './expressions/expressions.ts'
import type { HandoverBasis } from './lifecycle/legal-basis/handover-basis.ts'
import type { PackageSigning } from './lifecycle/package-signing.ts'
import type { PlanLife } from './lifecycle/plan-life.ts'
import type { PlanMoves } from './lifecycle/plan-moves.ts'
import type { Simulations } from './lifecycle/simulation.ts'
import type { BulkExports } from './store/bulk-export.ts'
import type { KeptCriteria } from './store/kept-criteria.ts'
import type { TakeLease } from './store/lease.ts'
import type { Job } from './store/reindex/jobs.ts'
import type { Store, Version } from './store/store.ts'
import type { Terminology } from './terminology/terms.ts'

/** What an interaction is given. No Express here: an entry of a batch makes one too. */
export type Exchange = {
  access: Access
  /** Which request it is part of, and from where that came. */
  origin: Origin
  /** Path parameters: resource type, logical id, version id. Empty where the route has none. */
  type: string
  id: string
  versionId: string
  /** The parameters of the URL, or of the form of a POST _search. */
  query: URLSearchParams
  headers: ConditionalHeaders
  /** The parsed body, not yet validated. */
  body: unknown
  /** Instead of it, resources one a line, read as they are taken. Only of a request whose body is that. */
  lines?: AsyncIterable<string>
}

/** For the audit: the request's id, as the answer has it, and the address it came from. */
export type Origin = { request?: string; address?: string }

/** The headers that decide what an interaction does. A Bundle entry has most of them too, under the same names. */
export type ConditionalHeaders = {
  ifMatch?: string | undefined
  ifNoneMatch?: string | undefined
  ifModifiedSince?: string | undefined
  ifNoneExist?: string | undefined
  prefer?: string | undefined
  acceptLanguage?: string | undefined
}

/** A resource that a caller was given, and the ids of the Patients whom it names: whose it is stands nowhere else. */
export type Accessed = { text?: string | undefined; patients: string[] }

/** Which readings some plan waits for, and where they are told. */
export type AccessTriggers = {
  /** Waits until what plans wait for is known as it was a moment ago; nothing to wait for, where it is. */
  look(): Promise<void> | undefined
  /** Whether some plan waits for the reading of resources of this type. */
  hears(type: string): boolean
  /** What a caller was given of such types; told before it is answered. */
  tell(access: Access, given: Accessed[]): Promise<void>
}

/** Subscriptions as they stand. Whoever asks has asked the store whether the caller may see them. */
export type SubscriptionStates = {
  /** Of those that there are; one that was stored a moment ago is not yet among them. */
  status(ids: readonly string[]): Promise<Parameters[]>
  /** Events again, by their numbers. @throws Refusal not-found, value */
  events(
    access: Access,
    id: string,
    asked: { since?: string | undefined; until?: string | undefined; content?: string | undefined },
  ): Promise<Bundle>
  /** A word by which a socket is bound, once, to these, and where it is opened. */
  bind(access: Access, ids: readonly string[]): Promise<{ token: string; expiresAt: Date; address: string }>
}

/** A message to a national service, as an operator sees it: nothing of what it says. */
export type SentMessage = {
  id: string
  receiver: string
  organization: string
  /** The version that caused it: `Task/1/_history/5`. */
  cause: string
  state: string
  attempts: number
  /** instants */
  causedAt: string
  acceptedAt?: string
  journaledAt?: string
  nextAt?: string
  /** What the receiver calls it. */
  location?: string
  /** Why it did not go, or is tried again. */
  reason?: SendingReason
}

export type SentMessagesAsked = { state?: string; receiver?: string; countMax: number; before?: string }

/** What was sent to national services, and what became of it. */
export type SentMessages = {
  /** The newest first. @returns where the next page begins, if there is one */
  list(asked: SentMessagesAsked): Promise<{ messages: SentMessage[]; next?: string }>
  /** How many there are of each state, by receiver and organisation. */
  count(): Promise<{ receiver: string; organization: string; state: string; count: number }[]>
  /** The id of the message that a Task is about; undefined for any other Task. */
  messageOf(task: Task): string | undefined
  /** Sends a dead message again. @returns whether it was dead */
  resend(id: string): Promise<boolean>
}

/** On what ground somebody looks in kjernejournal; the raised ones open what the patient has blocked there. */
export const LOOK_BASES = ['exception', 'consent', 'raised-consent', 'emergency', 'raised-emergency'] as const
export type LookBasis = (typeof LOOK_BASES)[number]
/** v3-ActReason, as the Norwegian trust framework has it. */
export const LOOK_PURPOSES = ['TREAT', 'ETREAT', 'COC', 'BTG'] as const
export type LookPurpose = (typeof LOOK_PURPOSES)[number]

/** Who looks for what others have written of whom, and why. */
export type Look = {
  /** `Practitioner/kari` */
  who: string
  /** How they have signed in to the session in which they look. */
  login: Access['login']
  /** Of Volven 9060: `SP`. */
  authorization?: string
  patient: Patient
  purpose: LookPurpose
  basis: LookBasis
  /** What says that they have to do with each other: `CareTeam/copd`; and whether the person themselves decided so. */
  decision: { id: string; isUserSelected: boolean }
}

/** By what a document of somebody else's is fetched. */
export type DocumentName = { documentUniqueId: string; homeCommunityId: string; repositoryUniqueId: string }

/** What kjernejournal has of a patient. A part that could not be had is told with its reason; at least one part was. */
export type Looked = {
  documents: { reference: DocumentReference; name?: DocumentName }[]
  /** There are more documents than were given. */
  isCut: boolean
  /** So many documents the patient has blocked. */
  blockedCount: number
  critical: (AllergyIntolerance | Condition | Procedure)[]
  /** Something came of these that is not among what is given, or kjernejournal says that something is wrong. */
  incomplete: ('documents' | 'critical-information')[]
  failures: { part: 'documents' | 'critical-information'; issue: Issue }[]
}

/** The national core journal, asked as one person about one patient; nothing of it is stored. */
export type Kjernejournal = {
  /** Whether the person has signed in by HelseID, in this session or for its organisation, so that it can be asked as they. */
  isSignedIn(who: string, login: Access['login']): Promise<boolean>
  /** Documents and critical information. @param type code of Volven 9602 @throws Refusal of every part */
  find(look: Look, type?: string): Promise<Looked>
  /** Laboratory answers, where they are looked for. @param since date @throws Refusal of every part; not-supported */
  laboratory(look: Look, since?: string): Promise<LaboratoryLooked>
  /** @throws Refusal */
  open(look: Look, document: DocumentName): Promise<{ contentType: string; bytes: Buffer }>
  /** The address at which the portal shows this patient, for one use. @throws Refusal */
  portal(look: Look): Promise<string>
}

/** What is asked of Pasientens prøvesvar, each by itself. */
export const LABORATORY_PARTS = ['DiagnosticReport', 'Observation'] as const
export type LaboratoryPart = (typeof LABORATORY_PARTS)[number]
export type LaboratoryAnswer = DiagnosticReport | Observation

/** What laboratories have answered. A part that could not be had is told with its reason; at least one part was. */
export type LaboratoryLooked = {
  found: LaboratoryAnswer[]
  /** There is more than was given. */
  isCut: boolean
  /** Parts of which something came that is not among `found`, such as what says that it is somebody else's. */
  incomplete: LaboratoryPart[]
  failures: { part: LaboratoryPart; issue: Issue }[]
}

/** What is asked of the EHR of an organisation, each by itself. */
export const JOURNAL_PARTS = ['CarePlan', 'Condition', 'MedicationStatement', 'AllergyIntolerance'] as const
export type JournalPart = (typeof JOURNAL_PARTS)[number]
export type JournalResource = CarePlan | Condition | MedicationStatement | AllergyIntolerance

/** What the EHR has. A part that could not be had is told with its reason; at least one part was. */
export type JournalLooked = {
  found: JournalResource[]
  /** There is more than was given. */
  isCut: boolean
  /** So many came that say that they are somebody else's; they are not among `found`. */
  ofOthersCount: number
  /** Parts of which something came that is not among `found`, or of which the EHR itself says that something is missing. */
  incomplete: JournalPart[]
  failures: { part: JournalPart; issue: Issue }[]
}

/** The EHRs of organisations, asked for those who work there; nothing of it is stored. */
export type Journal = {
  /** Organisation numbers of those whose EHR is connected and at which the caller works, by a role that lets them look; where the sign-in was for one, of it alone. */
  organizationsOf(access: Access): Promise<string[]>
  /** @param organization one of `organizationsOf` @throws Refusal of every part */
  find(patient: Patient, organization: string, parts: readonly JournalPart[]): Promise<JournalLooked>
}

/** How a device of a patient is reached, and when it may be: https://www.w3.org/TR/push-api/ */
export type PushWish = {
  endpoint: string
  p256dh: string
  auth: string
  language: Language
  /** `22:00`; both or none. */
  quietFrom: string | undefined
  quietUntil: string | undefined
}

export type PushDevices = {
  /** What a browser subscribes with. */
  publicKey(): Promise<string>
  /** The same device again takes the place of what was said before. @throws Refusal value */
  subscribe(access: Access, patient: string, wish: PushWish): Promise<void>
  /** One of that patient's; none is none. */
  unsubscribe(patient: string, endpoint: string): Promise<void>
}

/** A request inside of another: `PUT`, `Goal/1`. */
export type AskedWithin = {
  method: 'GET' | 'POST' | 'PUT'
  /** Below the FHIR base. */
  path: string
  query: URLSearchParams
  resource?: unknown
}

/** The rooms that an interaction may enter. */
export type Rooms = {
  store: Store
  /** Writes down who did what, before it is answered. */
  audit: Audit
  accessTriggers: AccessTriggers
  /** Who has seen a patient's record, in plain words. Whoever asks says themselves whether the caller may know. */
  accessLog: (asked: AccessLogAsked) => Promise<AccessLog>
  /** What it has written down. Whoever asks says themselves what of it the caller may see. */
  auditTrail: {
    find: (id: string) => Promise<FoundRecord | undefined>
    records: (asked: RecordsAsked) => AsyncIterable<FoundRecord>
  }
  /** Criteria that must not stand in the address of a page. */
  keptCriteria: KeptCriteria
  /** For what must not be done twice and is written down only with its answer. */
  takeLease: TakeLease
  definitions: Definitions
  /** Code systems, value sets and maps, as each caller may see them. */
  terminology: Terminology
  /**
   * The resource that `body` is, and what is worth a warning. @throws Refusal with every error found
   * @param place `transaction` where a reference may be a search
   */
  validate: (body: unknown, type: string, place?: 'transaction') => { resource: Resource; warnings: Issue[] }
  /** The same for a whole body, which may be large: others are answered meanwhile. */
  validateInTurns: (body: unknown, type: string) => Promise<{ resource: Resource; warnings: Issue[] }>
  /** Every issue of a body, by the profiles asked for too and by the definitions that are stored at this moment. Refuses nothing. */
  examine: (body: unknown, type: string, profiles: string[]) => Promise<Issue[]>
  /** Like `validate`, for a Bundle without what is in its entries, which are judged one by one. @throws Refusal */
  validateShell: (bundle: Record<string, unknown>) => Promise<void>
  /** How far the index is with a search parameter that was stored, type by type. */
  reindexJobs: (searchParameterId: string) => Promise<Job[]>
  /** Evaluates what plans say, under a time limit. */
  expressions: Expressions
  /** The acts by which plans come into force and go out of it. */
  planLife: PlanLife
  /** What a handover rests on, by what is stored now, and what its plan demands beside it. */
  handoverBasis: (task: Task) => Promise<HandoverBasis>
  /** Signs packages of plans, and verifies those of others. */
  packageSigning: PackageSigning
  /** The moving of enrolments from one version of a plan to another. */
  planMoves: PlanMoves
  /** Many resources, as they were at one moment. */
  bulkExports: BulkExports
  /** What Subscriptions have come to, and what they have told. */
  subscriptions: SubscriptionStates
  sentMessages: SentMessages
  /** Where it is connected. */
  kjernejournal?: Kjernejournal
  /** Where one is connected. */
  journal?: Journal
  /** Devices that are told when there is something to do. */
  pushSubscriptions: PushDevices
  /** Trying plans and limits on what has happened. */
  simulations: Simulations
  /** CQL that was translated when its Library was stored. */
  elms: ElmBook
  /** Logs a fault of ours under the id that the caller is told. */
  reportFault: (error: unknown, requestId: string) => void
  /** Absolute URL of the FHIR base, without a slash at the end. */
  baseUrl: string
  /** The decisions of the plan engine. They hold what was seen of a patient: whoever shows them asks the store first. */
  decisions: (asked: DecisionsAsked) => Promise<Decided[]>
  /** Until when records of the patient's decisions were deleted, for their time was over; undefined when none were. */
  decisionsPrunedUntil: (patient: string) => Promise<string | undefined>
  /** Whether the engine has come to this version of a resource. */
  handling: (version: Version) => Promise<Handling>
  /** The timers by which a patient's schedule is followed. */
  scheduleTimers: (patient: string) => Promise<Timer[]>
  /** An access with what the person is here now; for those who ask about the access of others. */
  standingOf: (access: Access) => Promise<Access>
  /** Every route there is: an entry of a batch is sent down one of them. */
  routes: Route[]
  /** The same for an operation that asks for another interaction as its caller would: judged and audited by itself. @throws Refusal */
  ask: (exchange: Exchange, rooms: Rooms, asked: AskedWithin) => Promise<Reply>
  now: () => Date
  /** Lets time pass until a moment, in a demo. @returns what time it is then, and whether it is that moment */
  passTime?: (until: Date) => Promise<{ now: Date; isThere: boolean }>
}

/** The same rooms with another store: of one request, or of a transaction. Whatever else changes in them is seen here too. */
export function withStore(rooms: Rooms, store: Store): Rooms {
  const others = Object.create(rooms) as Rooms
  others.store = store
  return others
}

/** What an interaction gives back; `http/` turns it into a response, a batch into an entry. */
export type Reply = {
  status: number
  /** A stored version: its text is the body, and ETag, Last-Modified and Location come from it. */
  version?: Version
  /** A body that is no stored version, as JSON text. */
  text?: string
  /** Where the caller can see how far the work is that was begun, below the FHIR base: `Task/1`. */
  contentLocation?: string
  /** Others, by name: how far work is that goes on, and when to ask again. */
  headers?: Record<string, string>
  /** The version is new, so the answer says where it is. */
  located?: boolean
  /** What was worth a warning in what was written, for a caller who prefers `return=OperationOutcome`. */
  warnings?: Issue[]
  /** What the audit shall say of it, beside what it can see. */
  audit?: Partial<Pick<AuditRecord, 'code' | 'purpose' | 'reason' | 'patients' | 'what'>>
  /** An AuditEvent that came from elsewhere, and is kept with the record of its coming. */
  received?: AuditRecord['received']
  /** Called when it has been written down, or could not be. Never fails. */
  settled?: () => Promise<void>
  /** Instead of a text: resources one a line, sent as they come. https://hl7.org/fhir/R4/nd-json.html */
  lines?: AsyncIterable<string>
  /** The text is no resource: it is sent as application/json, whatever format of FHIR was asked for. */
  isPlainJson?: boolean
}

export type Handler = (exchange: Exchange, rooms: Rooms) => Promise<Reply>

/** What FHIR calls it in CapabilityStatement.rest.resource.interaction, or the operation's name. */
export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Segments below the FHIR base; `:type` is a resource type, `:id` and `:versionId` are ids, the rest stands for itself. */
  path: string
  handler: Handler
  /** The SMART scope letter that the caller needs for the type; `undefined` where each part is judged by itself, as in a batch. */
  letter: ScopeLetter | undefined
  /** The code of the interaction in the CapabilityStatement. */
  interaction: string
  /** Not there outside of a demo. */
  isDemoOnly?: boolean
}
