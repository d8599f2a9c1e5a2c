import type { Resource as FhirResource, Library } from '@medplum/fhirtypes'
import type { Application } from 'express'
import type { Access } from './access/access.ts'
import { engineAccess } from './access/engine-access.ts'
import { reachOf } from './access/reach.ts'
import { appRouter } from './apps/app-router.ts'
import { issuersOf } from './apps/app-settings.ts'
import { APPS, type App } from './apps/built-app.ts'
import { byPool, createAudit, NO_AUDIT } from './audit/audit.ts'
import { findRecord, findRecords } from './audit/find-records.ts'
import { keepAudit } from './audit/keep-audit.ts'
import { createNames } from './audit-trail/name-of.ts'
import { type AccessLogAsked, readAccessLog } from './audit-trail/read-access-log.ts'
import type { Authenticate } from './authorization-server/authenticate.ts'
import { createAuthorizationServer } from './authorization-server/authorization-server.ts'
import { APPS_CLIENT_ID, seedDemoClients } from './authorization-server/clients/demo-clients.ts'
import { createOutgoing, LOOPBACK_HOSTS } from './authorization-server/outgoing.ts'
import { cdsRouter } from './cds-services/cds-router.ts'
import { openDemoClock } from './clock/demo-clock.ts'
import type { Resource } from './core/fhir/resource.ts'
import { checkLibrary } from './cql/check-library.ts'
import { readCqlBasis } from './cql/cql-basis.ts'
import { createElmBook } from './cql/elm-book.ts'
import { openTranslator } from './cql/translator.ts'
import type { Lanes } from './db/lanes.ts'
import type { Pool } from './db/pool.ts'
import { createDefinitionBook } from './definitions/definition-book.ts'
import { loadDefinitions } from './definitions/definitions.ts'
import { followStoredDefinitions } from './definitions/stored-definitions.ts'
import { seedDemo } from './demo/seed.ts'
import type { Rooms } from './exchange.ts'
import { openExpressions } from './expressions/expressions.ts'
import { guideRouter } from './guide/guide-router.ts'
import { createApp } from './http/app.ts'
import { readResource } from './http/body.ts'
import { measureEngine } from './http/engine-metrics.ts'
import { deny, originOf } from './http/fhir.ts'
import { measureFiling } from './http/filing-metrics.ts'
import type { Readiness } from './http/health.ts'
import { createHealthApp } from './http/health-app.ts'
import { letInSocket } from './http/let-in-socket.ts'
import { createMetrics } from './http/metrics.ts'
import { measurePush } from './http/push-metrics.ts'
import { recogniseWithin } from './http/recognise.ts'
import { ROUTES } from './http/routes.ts'
import { measureSenders } from './http/sender-metrics.ts'
import { measureSubscriptions } from './http/subscription-metrics.ts'
import { runEntry } from './interactions/batch.ts'
import { recordOfEvent } from './interactions/record-of-event.ts'
import { createStorable } from './interactions/storable.ts'
import { createPackageSigning } from './lifecycle/package-signing.ts'
import type { Log } from './log.ts'
import { definitionsOf } from './operations/operation.ts'
import { OPERATIONS } from './operations/operations.ts'
import { proposeEnrolment } from './operations/propose-enrolment.ts'
import {
  FILING_FINDING,
  FILING_GONE,
  startReportFiling,
  WITHHELD_FINDING,
  WITHHELD_GONE,
} from './operations/report-filing.ts'
import { createNotice } from './outbox/notice.ts'
import { adoptRestoredEvents } from './outbox/restored.ts'
import { followAccessTriggers } from './plans/access-triggers.ts'
import { measureAlarmRate } from './plans/alarm-rate.ts'
import { allGuards } from './plans/all-guards.ts'
import { CHANGE_RULES } from './plans/change-rules.ts'
import { readHandling, rewindCursors, skipEvents } from './plans/cursor.ts'
import { readPrunedUntil } from './plans/decision-retention.ts'
import { readDecisions } from './plans/decision-table.ts'
import { definitionGuard } from './plans/definition-guard.ts'
import { type EngineRooms, startEngine } from './plans/engine.ts'
import { enrolmentGuard } from './plans/enrolment-guard.ts'
import { followLimits } from './plans/followed-limits.ts'
import { readHandoverBasis } from './plans/handover-basis.ts'
import { handoverGuard } from './plans/handover-guard.ts'
import { startKeeper } from './plans/keeper.ts'
import { rewindKeeperCursors } from './plans/keeper-cursor.ts'
import { keepPlanBook, type ReadKeptBook } from './plans/kept-plan-book.ts'
import { ownerGuard } from './plans/owner-guard.ts'
import { passTime } from './plans/pass-time.ts'
import type { BookRooms, ListCodes } from './plans/plan-book.ts'
import { createPlanLife, type PlanLifeRooms } from './plans/plan-life.ts'
import { createPlanMoves } from './plans/plan-moves.ts'
import { rangeWrites } from './plans/range-writes.ts'
import { referralGuard } from './plans/referral-guard.ts'
import { expectRate } from './plans/simulation/expect-rate.ts'
import { createSimulations } from './plans/simulation/simulations.ts'
import { startSimulator } from './plans/simulation/simulator.ts'
import { storePathways } from './plans/store-pathways.ts'
import { teamGuard } from './plans/team-guard.ts'
import { readTimers } from './plans/timers.ts'
import { isFork } from './process/forks.ts'
import type { Loop } from './process/loop.ts'
import type { Progress } from './process/progress.ts'
import { PUSH_FINDING, PUSH_GONE } from './push/failure-watch.ts'
import { rewindPushPlace, startPusher } from './push/pusher.ts'
import { createPushSubscriptions } from './push/subscriptions.ts'
import { PLAIN, represent } from './representation/represent.ts'
import { createIndexer } from './search/indexer.ts'
import { hasPatientColumn } from './search/parameters.ts'
import { parseSearch } from './search/search-query.ts'
import { createReceivers } from './senders/create-receivers.ts'
import { rewindPlaces } from './senders/feed-place.ts'
import { createJournal } from './senders/journal/journal.ts'
import { createKjernejournal } from './senders/kjernejournal/kjernejournal.ts'
import { personalApis } from './senders/kjernejournal/national-terms.ts'
import { startSender } from './senders/sender.ts'
import { createSentMessages } from './senders/sent-messages.ts'
import { taskWhile } from './senders/task-while.ts'
import type { Config } from './settings/config.ts'
import { createBulkExports } from './store/bulk-export.ts'
import { checkWrites } from './store/check-writes.ts'
import { followCommonTokens } from './store/common-tokens.ts'
import { findLibrary } from './store/find-library.ts'
import { findPeople } from './store/find-people.ts'
import { findTerminology } from './store/find-terminology.ts'
import { keptCriteria } from './store/kept-criteria.ts'
import { createLeases } from './store/lease.ts'
import { readIfOpen } from './store/read-if-open.ts'
import { readJobs } from './store/reindex/jobs.ts'
import { followSearchParameters } from './store/reindex/search-definitions.ts'
import { startReindexing } from './store/reindex/worker.ts'
import { createAccessRows } from './store/relations/create-access-rows.ts'
import { followStandings, STANDING_TYPES } from './store/relations/follow-standing.ts'
import { kinGuard } from './store/relations/kin-guard.ts'
import { openingGuard } from './store/relations/opening-guard.ts'
import type { StoreRooms } from './store/rooms.ts'
import { createScopeFilters } from './store/scope-filters.ts'
import { startSortingIn } from './store/sort-in.ts'
import { createStore, type Store } from './store/store.ts'
import { watchWrites } from './store/watch-writes.ts'
import { createBases } from './subscriptions/basis.ts'
import { createDeliver } from './subscriptions/deliver.ts'
import { createAskedBy } from './subscriptions/known-asked.ts'
import { createLife } from './subscriptions/life.ts'
import { rewindSubscriptionCursor } from './subscriptions/rows.ts'
import { SOCKET_PATH } from './subscriptions/socket-path.ts'
import { openSockets, type Sockets } from './subscriptions/sockets.ts'
import { createStates } from './subscriptions/states.ts'
import { subscriptionWrites } from './subscriptions/subscription-writes.ts'
import { TOPICS, toBasic } from './subscriptions/topics.ts'
import { startSubscriptions } from './subscriptions/worker.ts'
import { completeCodes } from './terminology/complete-codes.ts'
import { openR4Terminology } from './terminology/r4-terminology.ts'
import { createTerminology } from './terminology/terms.ts'
import { codesAsked } from './terminology/token-codes.ts'
import { createThrottling } from './throttling/throttling.ts'
import { accept, acceptInTurns, acceptShell } from './validation/accept.ts'
import { examine } from './validation/examine.ts'
import { createValidator } from './validation/validator.ts'

export type Wiring = {
  config: Config
  pool: Pool
  lanes: Lanes | undefined
  /** The audit's own connections: who notes may hold one of the pool's meanwhile. */
  auditLanes?: Lanes
  log: Log
  readiness: Readiness
  /** Where a built app lies; undefined while it is being built, or when there is none. */
  appFolder?: (app: App) => string | undefined
}
export type Work = { config: Config; pool: Pool; log: Log; progress: Progress }
export type House = {
  rooms: Rooms
  app: Application
  /** Health and metrics alone, for a process that only works. */
  healthApp: Application
  /** What the plan engine tells of its rounds goes to the metrics. */
  onRound: EngineRooms['onRound']
  /** Calls `listener` after each commit of this process. */
  afterCommit(listener: () => void): void
  /** Brings plans into force when their time has come, moves patients between versions, closes what has ended. @returns ends it */
  startKeeper(): Loop
  /** The plans as they stand now, one book for the process. */
  readBook: ReadKeptBook
  /** Works on simulations that nobody waits for. @returns ends it */
  startSimulator(): () => Promise<void>
  /** Those who are told by sockets, on this process. */
  sockets: Sockets
  /** Numbers what happens for each Subscription, and sends it. */
  startSubscriptions(): Loop
  /** Sends what closes to national services. @returns ends it */
  startSender(): Promise<() => Promise<void>>
  startPusher(): Promise<() => Promise<void>>
  /** Files the final reports of plans that have ended. */
  startFiling(): Loop
  /** Indexes what is older than a search parameter. @returns ends it */
  startReindexing(): () => Promise<void>
  /** What stops before the pool is closed. */
  close(): Promise<void>
}

/** Value sets that a granular scope names are read by this server itself. */
const SCOPES = engineAccess('scopes')

/** Plans are read for discovery by this server itself. */
const CDS = engineAccess('cds-services')

/** Names in a patient's log are read by this server itself. */
const LOG = engineAccess('access-log')

/** How long a process gathers commits before it tells the others of them. */
const NOTICE_MILLIS = 10

/** Between two attempts to tell a subscriber: the first time, and the longest. */
const RETRY_MILLIS = { firstMillis: 1_000, longestMillis: 5 * 60_000 }

/** Expressions are quick or wrong; a whole plan may have many. */
const EXPRESSION_LIMITS = { expressionMilliseconds: 1_000, callMilliseconds: 10_000, threadCountMax: 2 }

/** Hands each room what it needs from the others. */
export async function wire({
  config,
  pool,
  lanes,
  auditLanes,
  log,
  readiness,
  appFolder = () => undefined,
}: Wiring): Promise<House> {
  const definitions = loadDefinitions()
  const fhirBase = `${config.baseUrl}/fhir`
  const searchDefinitions = followSearchParameters(pool, definitions, (error) =>
    log.warn({ err: error }, 'stored search parameters could not be read; the next look comes soon'),
  )
  await searchDefinitions.refresh()
  const indexer = createIndexer(searchDefinitions.current, { baseUrl: fhirBase })
  const commitListeners = [createNotice(pool, NOTICE_MILLIS)]
  const clock = config.demo ? await openDemoClock(pool) : undefined
  const now = clock ? clock.now : () => new Date()
  const accessRows = createAccessRows(searchDefinitions.current, fhirBase)
  const scopeFilters = createScopeFilters(searchDefinitions.current, (asked) =>
    codesAsked(terminology.of(SCOPES), asked),
  )
  const auditFailed = (error: unknown) => log.error({ err: error }, 'the audit could not be written')
  const audit = config.audit ? createAudit({ send: auditLanes?.ask ?? byPool(pool), onFailure: auditFailed }) : NO_AUDIT
  const storeRooms: StoreRooms = {
    pool,
    lanes,
    index: (resource) => indexer.index(resource),
    reachOf,
    reaching: {
      now,
      hasPatient: (type) => hasPatientColumn(searchDefinitions.current(), type),
      filtersOf: scopeFilters.filtersOf,
    },
    accessRows,
    audit,
    changeRules: CHANGE_RULES,
    guard: allGuards(
      ...[
        definitionGuard(config.plansFromSystems),
        enrolmentGuard(now),
        handoverGuard(now),
        kinGuard(now),
        openingGuard,
        ownerGuard(now),
        referralGuard(now),
        teamGuard(now),
      ],
    ),
    onCommit: () => {
      for (const listener of commitListeners) listener()
    },
    now,
    commonTokens: followCommonTokens(pool),
    baseUrl: fhirBase,
    slot: await takeSlot(pool),
  }
  if (!config.throttling.knowsAddresses)
    log.warn(
      'TRUSTED_PROXIES is not set: callers’ addresses are not known, and nobody is held up or locked out by address',
    )
  const throttling = createThrottling(pool, config.throttling)
  const people = findPeople(
    { search: (access, query) => store.search(access, query) },
    searchDefinitions.current,
    (access) => standings.of(access),
  )
  const authorizationServer = await createAuthorizationServer({
    throttling,
    ...{ pool, log, baseUrl: config.baseUrl, demo: config.demo },
    ...{ dpopRequired: config.dpopRequired, privateHosts: config.privateHosts },
    ...{ keySecrets: config.keySecrets, keyRotationDays: config.keyRotationDays },
    sessionIdleSeconds: config.sessionIdleMinutes * 60,
    ...{ initialAccessToken: config.initialAccessToken, identityProviders: askingNationalApis(config) },
    ...{ trustedEhrs: config.trustedEhrs, helseIdApi: config.helseIdApi, brand: config.brand },
    readLog: (asked) => readLog(asked),
    isResourceType: (name) => definitions.resourceTypes.has(name),
    tell: async (events, origin) =>
      audit.note(...(await Promise.all(events.map((event) => recordOfEvent(event, origin, nameNow))))),
    people,
  })
  const { personAtHelseId } = authorizationServer
  const kjernejournal =
    config.kjernejournal && personAtHelseId
      ? createKjernejournal(config.kjernejournal, { people: personAtHelseId, now, log })
      : undefined
  const book = createDefinitionBook(definitions)
  const modes = config.profileModes
  const validator = createValidator(definitions, {
    source: book,
    modeOf: (type) => modes.get(type) ?? modes.get('*') ?? 'refuse',
    vitalSigns: config.vitalSigns,
    nationalNumbers: config.nationalNumbers,
  })
  const standings = followStandings(pool, now, {
    prepare: scopeFilters.prepare,
    nameOf: (reference) => nameNow(reference),
  })
  const bareStore = watchWrites(createStore(storeRooms), STANDING_TYPES, async () => standings.forget())
  const terminology = createTerminology(openR4Terminology(), findTerminology(bareStore, definitions))
  storeRooms.codesAsked = (access, asked, search) =>
    codesAsked(terminology.of(access, findTerminology({ search }, definitions)), asked)
  const definitionsFailed = (error: unknown) =>
    log.warn({ err: error }, 'stored definitions could not be read; the next look comes soon')
  const storedDefinitions = followStoredDefinitions({
    pool,
    book,
    listCodes: (valueSet) => completeCodes(terminology.of(engineAccess('validator')), valueSet),
    onFailure: definitionsFailed,
  })
  await storedDefinitions.refresh()
  const watched = watchWrites(bareStore, new Set(['SearchParameter']), searchDefinitions.refresh)
  const known = watchWrites(watched, new Set(['StructureDefinition', 'Questionnaire']), () =>
    storedDefinitions.refresh().catch(definitionsFailed),
  )
  const translator = openTranslator()
  const elms = createElmBook(pool, translator)
  const checked = checkWrites(known, 'Library', (access, library, together) =>
    checkLibrary(library as Resource & Library, together as (Resource & Library)[], {
      elms,
      find: findLibrary(bareStore, definitions, access),
    }),
  )
  const limitsFailed = (error: unknown) =>
    log.warn({ err: error }, 'limits could not be read; the next look comes soon')
  // One for the process: the engine's, the keeper's, and that of the limits, of moves and of cases that are tried.
  const bookRooms = bookRoomsOf(() => rooms)
  const readBook = keepPlanBook(bookRooms, ({ broken }) => {
    if (broken.length > 0) log.error({ plans: broken }, 'plans cannot be used')
  })
  const hearsTriages = async () => (await readBook(pool)).types.has('ClinicalImpression')
  const limits = followLimits(pool, readBook, limitsFailed)
  const limited = watchWrites(checked, new Set(['CarePlan', 'Goal']), () => limits.refresh().catch(limitsFailed))
  const accessTriggersFailed = (error: unknown) =>
    log.warn({ err: error }, 'plans that wait for readings could not be read; the next look comes soon')
  const accessTriggers = followAccessTriggers({
    ...{ db: pool, readBook, now: storeRooms.now, onFailure: accessTriggersFailed },
    patientOf: (resource) => storeRooms.index(resource).patient,
    write: (access, changes) => store.writeAll(access, changes),
  })
  const heard = watchWrites(limited, new Set(['PlanDefinition']), () =>
    accessTriggers.refresh().catch(accessTriggersFailed),
  )
  const outgoing = createOutgoing([...config.privateHosts, ...(config.demo ? LOOPBACK_HOSTS : [])])
  const { mayUse } = outgoing
  const askedRooms = () => ({ definitions: searchDefinitions.current(), mayUse })
  const store = subscriptionWrites(rangeWrites(heard, limits, storeRooms.now), { pool, asked: askedRooms })
  const askedBy = createAskedBy(askedRooms)
  const expressions = openExpressions(EXPRESSION_LIMITS, elms)
  const simulationRooms = { pool, settle: expressions.settle, readBook, ...bookRooms }
  const simulations = createSimulations(simulationRooms)
  const planLifeRooms: PlanLifeRooms = {
    ...{ pool, store, now: storeRooms.now, onCommit: storeRooms.onCommit, settle: expressions.settle, readBook },
    rateOf: measureAlarmRate,
    expectRate: (plan) => expectRate(simulations, plan, storeRooms.now()),
    readCql: bookRooms.readCql,
    propose: proposeEnrolment(() => rooms),
    validate: (resource) => rooms.validate(resource, resource.resourceType).resource,
  }
  const planLife = createPlanLife(planLifeRooms)
  const planMoves = createPlanMoves(planLifeRooms)
  const storable = createStorable({
    ...{ base: definitions, current: searchDefinitions.current, questionnaires: book, fhirBase },
  })
  const readForLog = (reference: string) => readIfOpen(bareStore, LOG, reference)
  const nameNow = (reference: string) => createNames(readForLog)(reference)
  const readLog = (asked: AccessLogAsked) =>
    readAccessLog({ records: (blocks) => findRecords(pool, blocks), read: readForLog }, asked)
  const rooms: Rooms = {
    store,
    audit,
    accessTriggers,
    accessLog: readLog,
    auditTrail: { find: (id) => findRecord(pool, id), records: (asked) => findRecords(pool, asked) },
    keptCriteria: keptCriteria(pool),
    takeLease: createLeases(pool),
    terminology,
    // Whoever asks gets them as they are now: a search parameter that was stored is among them.
    get definitions() {
      return searchDefinitions.current()
    },
    validate: (body, type, place) => storable(accept(validator, body, type, place)),
    validateInTurns: async (body, type) => storable(await acceptInTurns(validator, body, type)),
    planLife,
    planMoves,
    handoverBasis: (task) => readHandoverBasis(pool, task, storeRooms.now()),
    packageSigning: createPackageSigning({
      ...{ issuer: config.baseUrl, keys: authorizationServer.packageKeys, fetch },
      ...{ trusted: config.packageIssuers, isRequired: config.packageSignatureRequired },
    }),
    bulkExports: createBulkExports(storeRooms, {
      parse: (type, query) => parseSearch(searchDefinitions.current(), type, new URLSearchParams(query), 'strict'),
      keptHours: config.exportHours,
    }),
    simulations,
    subscriptions: createStates({
      ...{ pool, store: bareStore, askedBy, baseUrl: fhirBase, standingOf: standings.of },
      socketAddress: `${config.baseUrl.replace(/^http/, 'ws')}${SOCKET_PATH}`,
    }),
    sentMessages: createSentMessages(pool, now),
    ...(kjernejournal ? { kjernejournal } : {}),
    ...(config.journals.length > 0 ? { journal: createJournal(config.journals, { pool, outgoing, now, log }) } : {}),
    pushSubscriptions: createPushSubscriptions({ pool, key: authorizationServer.pushKey, mayUse }),
    reindexJobs: (searchParameter) => readJobs(pool, searchParameter),
    examine: async (body, type, profiles) => {
      await storedDefinitions.refresh()
      return examine(validator, body, type, profiles)
    },
    expressions,
    elms,
    validateShell: (bundle) => acceptShell(validator, bundle),
    reportFault: (error, requestId) => log.error({ err: error, requestId }, 'fault'),
    baseUrl: fhirBase,
    decisions: (asked) => readDecisions(pool, asked),
    decisionsPrunedUntil: (patient) => readPrunedUntil(pool, patient),
    handling: (version) => readHandling(pool, version),
    scheduleTimers: async (patient) => (await readTimers(pool, [patient], ['occurrence'])).get(patient) ?? [],
    standingOf: standings.of,
    ask: (exchange, inside, asked) =>
      runEntry(exchange, inside, {
        index: 0,
        fullUrl: undefined,
        resource: undefined,
        headers: {},
        wrong: [],
        ...asked,
      }),
    routes: ROUTES.filter(({ isDemoOnly }) => config.demo || !isDemoOnly),
    now: storeRooms.now,
    ...(clock ? { passTime: (until: Date) => passTime(pool, clock, until, { hearsTriages }) } : {}),
  }
  await accessTriggers.refresh()
  const { auditRetentionMonths: keptMonthCount } = config
  const stopAudit = config.audit
    ? await keepAudit({ pool, audit, log, keptMonthCount, isKeeper: !isFork })
    : async () => {}
  const metrics = createMetrics()
  const authenticate: Authenticate = async (given) => standings.of(await authorizationServer.authenticate(given))
  const app = createApp({
    rooms,
    pool,
    readiness,
    metrics,
    authorizationServer: { ...authorizationServer, authenticate },
    ...{ throttling, trustedProxies: config.trustedProxies, frameAncestors: config.frameAncestors },
    bodyBytesMax: config.bodyBytesMax,
    apps: Object.fromEntries(
      APPS.map((name) => [
        name,
        appRouter({
          folder: () => appFolder(name),
          settings: {
            issuers: [
              ...(config.demo ? [{ iss: fhirBase, clientId: APPS_CLIENT_ID }] : []),
              ...issuersOf(name, config.appIssuers),
            ],
            demo: config.demo,
            idleMinutes: config.sessionIdleMinutes,
          },
          frameAncestors: config.frameAncestors,
          path: new URL(`${config.baseUrl}/apps/${name}/`).pathname,
        }),
      ]),
    ),
    cdsServices: cdsRouter({
      ...{ rooms, db: pool, verify: authorizationServer.verifyEhrCall, access: CDS, baseUrl: config.baseUrl },
      caller: { people, standingOf: standings.of },
      readBody: (req, res) => readResource(req, res, config.bodyBytesMax),
      letIn: (req, res, verifyCall) =>
        recogniseWithin(throttling, verifyCall)(req, false).catch(deny(audit, originOf(req, res), req.originalUrl)),
    }),
    guide: guideRouter({ fhirBase, operations: OPERATIONS, resourceTypes: definitions.resourceTypes }),
  })
  const bases = createBases({ pool, demo: config.demo, standingOf: standings.of })
  const letInAtSocket = letInSocket(app, throttling, audit)
  measureSenders(metrics.registry, pool, now)
  measureFiling(metrics.registry, pool)
  const onPushed = measurePush(metrics.registry)
  const sending = { pool, store, audit, log, now, onCommit: storeRooms.onCommit }
  const subscriptionMetrics = measureSubscriptions(metrics.registry, pool)
  const sockets = openSockets({
    ...{ pool, store: bareStore, bases, askedBy, audit, log, baseUrl: fhirBase, now: storeRooms.now },
    onNotice: subscriptionMetrics.onNotice,
    letIn: (req, proven: Authenticate = authenticate) => letInAtSocket(req, proven),
  })
  return {
    rooms,
    app,
    healthApp: createHealthApp(pool, readiness, metrics),
    onRound: measureEngine(metrics.registry, storeRooms.now),
    afterCommit: (listener) => void commitListeners.push(listener),
    readBook,
    startKeeper: () => startKeeper({ ...planLifeRooms, log }, config.decisionDays),
    sockets,
    startSubscriptions: () => {
      const { attemptCountMax, eventHours, operator } = config.subscriptions
      const deliver = createDeliver(mayUse)
      const loop = startSubscriptions({
        ...{ pool, store, log, bases, askedBy, deliver, audit, eventHours, now: storeRooms.now, baseUrl: fhirBase },
        life: createLife({ pool, store, definitions: searchDefinitions.current, now: storeRooms.now, operator }),
        toXml: (text) => represent(definitions, text, { ...PLAIN, format: 'xml' }),
        retry: { attemptCountMax, ...RETRY_MILLIS },
        ...subscriptionMetrics,
      })
      return {
        wake: loop.wake,
        stop: async () => {
          await loop.stop()
          deliver.close()
        },
      }
    },
    startPusher: async () => {
      const deliver = createDeliver(mayUse)
      const { pushKey: key } = authorizationServer
      const { pushContact: contact, demo } = config
      const loop = await startPusher({
        ...{ pool, log, now: storeRooms.now, key, contact, demo, deliver },
        standingOf: standings.of,
        onOutcome: onPushed,
        tellTask: taskWhile(sending, { name: PUSH_FINDING, gone: PUSH_GONE }),
      })
      return async () => {
        try {
          await loop.stop()
        } finally {
          deliver.close()
        }
      }
    },
    startSender: async () => {
      const receivers = createReceivers(config.senders, {
        ...{ pool, store, now, outgoing },
        search: searchFor(store, searchDefinitions.current),
      })
      const sender = await startSender({ ...sending, accessRows, receivers })
      return sender.stop
    },
    startFiling: () =>
      startReportFiling({
        ...{ rooms, pool, log },
        tellTask: taskWhile(sending, { name: FILING_FINDING, gone: FILING_GONE }),
        tellWithheld: taskWhile(sending, { name: WITHHELD_FINDING, gone: WITHHELD_GONE }),
      }),
    startReindexing: () =>
      startReindexing({
        pool,
        log,
        indexing: { index: storeRooms.index, relations: accessRows },
        refresh: searchDefinitions.refresh,
      }),
    startSimulator: () => startSimulator({ ...simulationRooms, log }),
    close: async () => {
      await stopAudit()
      clock?.stop()
      storedDefinitions.stop()
      searchDefinitions.stop()
      await Promise.all([authorizationServer.close(), expressions.close(), translator.close()])
    },
  }
}

/**
 * What one process does for all: pathways, demo data, then the plan engine.
 * @returns stops it
 */
export async function startWork(
  {
    rooms,
    afterCommit,
    onRound,
    readBook,
    startKeeper,
    startFiling,
    startReindexing,
    startPusher: startPushing,
    startSender,
    startSimulator,
    startSubscriptions: startTelling,
  }: House,
  work: Work,
): Promise<() => Promise<void>> {
  const { config, pool, log, progress } = work
  const restored = await adoptRestoredEvents(pool, async (tx) => {
    await rewindCursors(tx)
    await rewindKeeperCursors(tx)
    await rewindSubscriptionCursor(tx)
    await rewindPlaces(tx)
    await rewindPushPlace(tx)
  })
  if (restored) log.warn({ events: restored }, 'the database was restored from another; its events are taken as read')
  const operations = OPERATIONS.filter(({ isDemoOnly }) => config.demo || !isDemoOnly)
  const told = [...definitionsOf(operations), ...TOPICS.map(toBasic)] as unknown as Resource[]
  await progress.step('pathways there', () =>
    storePathways({ db: pool, store: rooms.store, access: engineAccess('pathways') }, told),
  )
  if (config.demo) {
    await seedDemoClients(pool, config.baseUrl)
    await progress.step('demo data there', () =>
      seedDemo({ store: rooms.store, now: rooms.now(), skipEvents: () => skipEvents(pool), log: progress.sayStill }),
    )
  }
  // Threads of its own: what callers ask for does not hold up the measurements.
  const engineExpressions = openExpressions(EXPRESSION_LIMITS, rooms.elms)
  const engine = startEngine({
    ...{ pool, store: rooms.store, log, now: rooms.now, onRound },
    ...{ settle: engineExpressions.settle, readBook },
  })
  afterCommit(engine.wake)
  await progress.step('plans read', () => engine.prepared)
  const keeper = startKeeper()
  afterCommit(keeper.wake)
  const filing = startFiling()
  const stopReindexing = startReindexing()
  const sorting = startSortingIn({ pool, log })
  const stopSimulator = config.simulations ? startSimulator() : async () => {}
  const telling = startTelling()
  afterCommit(telling.wake)
  const stopSender = await startSender()
  const stopPushing = await startPushing()
  return async () => {
    const stopped = [
      engine.stop(),
      keeper.stop(),
      telling.stop(),
      sorting.stop(),
      filing.stop(),
      stopReindexing(),
      stopSimulator(),
      stopSender(),
      stopPushing(),
    ]
    await Promise.all(stopped)
    await engineExpressions.close()
  }
}

/** What is needed to compile plans: value sets, and the libraries that they name. */
function bookRoomsOf(
  rooms: () => Pick<Rooms, 'store' | 'definitions' | 'terminology' | 'elms'>,
): Required<Pick<BookRooms, 'listCodes' | 'readCql'>> {
  const access = engineAccess('plan-engine')
  const listCodes: ListCodes = (valueSet) => completeCodes(rooms().terminology.of(access), valueSet)
  return {
    listCodes,
    readCql: (definitions) => {
      const { store, definitions: known, elms } = rooms()
      return readCqlBasis(definitions, { find: findLibrary(store, known, access), elms, listCodes })
    },
  }
}

/** Whoever signs in by HelseID is asked there for what kjernejournal will want of them. */
const askingNationalApis = ({ identityProviders, kjernejournal }: Config): Config['identityProviders'] =>
  identityProviders.map((one) =>
    one.name === 'helseid' && kjernejournal ? { ...one, apis: personalApis(kjernejournal) } : one,
  )

/** Every match of a search, by one page: what is asked so has few. */
function searchFor(
  store: Pick<Store, 'search'>,
  definitions: () => Rooms['definitions'],
): (access: Access, type: string, parameters: Record<string, string>) => Promise<FhirResource[]> {
  return async (access, type, parameters) => {
    const query = parseSearch(definitions(), type, new URLSearchParams({ ...parameters, _count: '100' }), 'strict')
    const { matches } = await store.search(access, query)
    return matches.map(({ text }) => JSON.parse(text ?? '{}') as FhirResource)
  }
}

/** A number that no other living process has, so that two never give the same id. */
async function takeSlot(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ slot: number }>(`SELECT nextval('process_slot')::int AS slot`)
  if (!rows[0]) throw new Error('The sequence process_slot gave no number.')
  return rows[0].slot
}
