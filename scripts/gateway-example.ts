/**
 * A device gateway in one file: takes measurements from devices over HTTP, keeps them on disk until the server has them, and sends them after the HL7
 * Personal Health Device guide. Nothing of this server is imported, so that it may be taken as it is. docs/device-gateways.md explains it.
 *
 *   CLIENT_ID=… CLIENT_SECRET=… node scripts/gateway-example.ts http://localhost:8080/fhir folder [--port 0] [--batch] [--pause 500]
 *
 * POST /measurements: { "device": "EUI-64", "patient": "Patient/1", "clock": "what the device's clock says now", "measurements":
 *   [{ "id": "7", "type": "MDC_PULS_OXIM_SAT_O2", "value": 95, "unit": "MDC_DIM_PERCENT", "at": "by the device's clock" }] }
 * 202: on disk, and will be sent. 400: cannot be understood, and will not.
 *
 * It tells on stderr of each upload that did not get through and when it is tried again. `--pause`: after how many milliseconds the first time.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

type Upload = { device: string; patient: string; clock: string; measurements: Measurement[] }
type Measurement = { id: string; type: string; value: number | Record<string, number>; unit: string; at: string }
type Code = { mdc: string; loinc: string[]; parts?: Record<string, Code> }
/** What is kept: what the device sent, and when it came. */
type Kept = { upload: Upload; receivedAt: string }

const MDC = 'urn:iso:std:iso:11073:10101'
const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const EUI_64 = 'urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680'
const URI = 'urn:ietf:rfc:3986'

/** Codes of IEEE 11073-10101 and what they are in LOINC. */
const CODES: Record<string, Code> = {
  MDC_PULS_OXIM_SAT_O2: { mdc: '150456', loinc: ['59408-5', '2708-6'] },
  MDC_PULS_OXIM_PULS_RATE: { mdc: '149530', loinc: ['8867-4'] },
  MDC_MASS_BODY_ACTUAL: { mdc: '188736', loinc: ['29463-7'] },
  MDC_TEMP_BODY: { mdc: '150364', loinc: ['8310-5'] },
  MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD: { mdc: '160184', loinc: ['15074-8'] },
  MDC_PRESS_BLD_NONINV: {
    ...{ mdc: '150020', loinc: ['85354-9'] },
    parts: {
      systolic: { mdc: '150021', loinc: ['8480-6'] },
      diastolic: { mdc: '150022', loinc: ['8462-4'] },
    },
  },
}
const UNITS: Record<string, { mdc: string; ucum: string }> = {
  MDC_DIM_PERCENT: { mdc: '262688', ucum: '%' },
  MDC_DIM_BEAT_PER_MIN: { mdc: '264864', ucum: '/min' },
  MDC_DIM_KILO_G: { mdc: '263875', ucum: 'kg' },
  MDC_DIM_MMHG: { mdc: '266016', ucum: 'mm[Hg]' },
  MDC_DIM_DEGC: { mdc: '268192', ucum: 'Cel' },
  MDC_DIM_MILLI_MOLE_PER_L: { mdc: '266866', ucum: 'mmol/L' },
}

const [base = '', folder = '', ...options] = process.argv.slice(2)
const { CLIENT_ID = '', CLIENT_SECRET = '' } = process.env
const mode = options.includes('--batch') ? 'batch' : 'transaction'
const numberOf = (option: string, otherwise: number) =>
  Number(options.includes(option) ? options[options.indexOf(option) + 1] : otherwise) || otherwise
const port = numberOf('--port', 0)
const [WAITING, REFUSED] = [join(folder, 'waiting'), join(folder, 'refused')]
const BODY_BYTES_MAX = 1024 * 1024
const FIRST_PAUSE_MS = numberOf('--pause', 500)
const PAUSE_MS_MAX = 120 * FIRST_PAUSE_MS
/** Whatever a server asks for: a number with a zero too many must not keep everything here for days. */
const RETRY_AFTER_MS_MAX = 3_600_000
const ANSWER_MS_MAX = 60_000
/** After so many failures in a row the next upload has its turn: it may lie with this one. */
const IN_A_ROW_MAX = 3
/** So often it may fail again after others have come through; then it does lie with this one. */
const FAILURES_AMONG_OTHERS_MAX = 10

/** As FHIR has an instant: with its seconds and its zone, and a day that there is. */
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/
function isInstant(text: unknown): boolean {
  const [, year, month, day] = INSTANT.exec(String(text)) ?? []
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return typeof text === 'string' && !Number.isNaN(date.getTime()) && date.toISOString().slice(8, 10) === day
}

/** @returns what is wrong with it; undefined when it can be sent */
function problemOf(upload: Upload): string | undefined {
  if (typeof upload !== 'object' || upload === null) return 'an upload must be an object'
  if (!/^[0-9A-F]{16}$/i.test(upload.device ?? '')) return 'device must be an EUI-64: 16 hexadecimal digits'
  if (!/^Patient\/[A-Za-z0-9\-.]{1,64}$/.test(upload.patient ?? '')) return 'patient must be Patient/id'
  if (!isInstant(upload.clock)) return 'clock must be a time with its seconds and its zone: 2026-11-23T10:00:00Z'
  if (!Array.isArray(upload.measurements) || upload.measurements.length === 0) return 'measurements must hold something'
  for (const measurement of upload.measurements) {
    const { id, type, value, unit, at } = measurement ?? ({} as Partial<Measurement>)
    const parts = CODES[type ?? '']?.parts
    if (!id) return 'each measurement needs the number that the device gave it'
    if (!CODES[type ?? '']) return `${type} is not known; known are ${Object.keys(CODES).join(', ')}`
    if (!UNITS[unit ?? '']) return `${unit} is not known; known are ${Object.keys(UNITS).join(', ')}`
    if (!isInstant(at)) return `at of ${id} must be a time with its seconds and its zone: 2026-11-23T10:00:00Z`
    if (
      parts
        ? Object.keys(parts).some((part) => !Number.isFinite((value as Record<string, number>)?.[part]))
        : !Number.isFinite(value)
    )
      return `value of ${id} must be ${parts ? `numbers for ${Object.keys(parts).join(' and ')}` : 'a number'}`
  }
  return undefined
}

/** The same thing has the same name each time that it is sent, so that the server can find it: a UUID of version 5's shape. */
function nameOf(...parts: string[]): string {
  const hex = createHash('sha1').update(parts.join('|')).digest('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const conceptOf = (name: string, { mdc, loinc }: Code) => ({
  coding: [{ system: MDC, code: mdc, display: name }, ...loinc.map((code) => ({ system: LOINC, code }))],
})
const quantityOf = (value: number, unit: string) => {
  const { ucum } = UNITS[unit] ?? { ucum: '1' }
  return { value, unit: ucum, system: UCUM, code: ucum }
}
const entryOf = (resource: { resourceType: string }, name: string, system = URI, value = name) => ({
  fullUrl: name,
  resource,
  // Made once, however often it is sent.
  request: { method: 'POST', url: resource.resourceType, ifNoneExist: `identifier=${system}|${value}` },
})

type Entry = ReturnType<typeof entryOf>
type Names = { device: string; stamp: string }

/** The device, and how its clock stood when it was read: the coincident time stamp. */
function groundOf(
  { upload: { device, patient, clock }, receivedAt }: Kept,
  { device: deviceName, stamp }: Names,
): Entry[] {
  const identifier = [{ system: EUI_64, value: device.toUpperCase() }]
  const described = { resourceType: 'Device', identifier, status: 'active' }
  const read = {
    ...{ resourceType: 'Observation', status: 'final', identifier: [{ system: URI, value: stamp }] },
    code: { coding: [{ system: MDC, code: '67975', display: 'MDC_ATTR_TIME_ABS' }] },
    ...{ subject: { reference: patient }, device: { reference: deviceName } },
    ...{ effectiveDateTime: receivedAt, valueDateTime: clock },
  }
  return [entryOf(described, deviceName, EUI_64, device.toUpperCase()), entryOf(read, stamp)]
}

/** Each measurement at the time that it had by a right clock. @param at what the device and the time stamp are called, or where they are */
function measuredOf({ upload, receivedAt }: Kept, at: Names): Entry[] {
  const { device, patient, clock, measurements } = upload
  const offset = Date.parse(receivedAt) - Date.parse(clock)
  return measurements.map(({ id, type, value, unit, at: taken }) => {
    const name = nameOf('measurement', device, patient, type, id, taken)
    const code = CODES[type] as Code
    const parts = Object.entries(code.parts ?? {}).map(([part, of]) => ({
      code: conceptOf(`${type}_${part === 'systolic' ? 'SYS' : 'DIA'}`, of),
      valueQuantity: quantityOf((value as Record<string, number>)[part] ?? 0, unit),
    }))
    const measured = {
      ...{ resourceType: 'Observation', status: 'final', identifier: [{ system: URI, value: name }] },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      ...{ code: conceptOf(type, code), subject: { reference: patient }, device: { reference: at.device } },
      effectiveDateTime: new Date(Date.parse(taken) + offset).toISOString(),
      derivedFrom: [{ reference: at.stamp }],
      ...(code.parts ? { component: parts } : { valueQuantity: quantityOf(value as number, unit) }),
    }
    return entryOf(measured, name)
  })
}

let keptCount = 0

/** On disk, synced, under a name that sorts by when it came; there whole, or not at all. */
async function keep(kept: Kept): Promise<void> {
  keptCount++
  const name = `${kept.receivedAt.replace(/[:.]/g, '')}-${String(keptCount).padStart(9, '0')}.json`
  const unfinished = join(folder, `.${name}`)
  const file = await open(unfinished, 'w')
  await file.writeFile(JSON.stringify(kept))
  await file.sync()
  await file.close()
  await rename(unfinished, join(WAITING, name))
  const directory = await open(WAITING)
  await directory.sync()
  await directory.close()
}

/** A server that never answers is one that is down. */
const within = () => ({ signal: AbortSignal.timeout(ANSWER_MS_MAX) })

let bearer: string | undefined
async function token(): Promise<string> {
  if (bearer) return bearer
  const found = (await (await fetch(`${base}/.well-known/smart-configuration`, within())).json()) as {
    token_endpoint: string
  }
  const response = await fetch(found.token_endpoint, {
    ...within(),
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.crs' }),
  })
  const body = (await response.json()) as { access_token?: string }
  if (!body.access_token) throw new Error(`No token: ${response.status}`)
  bearer = body.access_token
  return bearer
}

type Sent =
  | { kind: 'done' }
  | { kind: 'refused'; why: unknown }
  /** @property mayBeItself whether it may lie with this upload, and not with how the server is at the moment */
  | { kind: 'again'; why: unknown; mayBeItself: boolean; afterMs?: number }

class NotTaken extends Error {
  readonly sent: Sent
  constructor(sent: Sent) {
    super(sent.kind)
    this.sent = sent
  }
}

type Answered = { statuses: number[]; locations: string[]; body: unknown }

/** @throws NotTaken for the Bundle as a whole */
async function post(type: 'transaction' | 'batch', entry: Entry[]): Promise<Answered> {
  const response = await fetch(base, {
    ...within(),
    method: 'POST',
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Bundle', type, entry }),
  })
  const body = (await response.json().catch(() => undefined)) as
    | { entry?: { response: { status: string; location?: string } }[] }
    | undefined
  if (response.ok && body) {
    const entries = (body.entry ?? []).map((one) => one.response)
    return {
      statuses: entries.map(({ status }) => Number(status.slice(0, 3))),
      locations: entries.map(({ location = '' }) => /[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]+/.exec(location)?.[0] ?? ''),
      body,
    }
  }
  if (response.status === 401) bearer = undefined
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (response.ok || response.status === 401 || isPassing(response.status))
    throw new NotTaken({
      ...{ kind: 'again', why: body ?? response.status, mayBeItself: isByItself(response.status) },
      ...(seconds >= 0 ? { afterMs: seconds * 1000 } : {}),
    })
  throw new NotTaken({ kind: 'refused', why: body ?? response.status })
}

/**
 * A 2xx means that the server has it on disk. What may become better is tried again; what will not is put aside with what the server said. The entries
 * of a batch do not know each other, so the device and its clock go before it.
 */
async function send(kept: Kept): Promise<Sent> {
  const { device, clock } = kept.upload
  const names = { device: nameOf('device', device), stamp: nameOf('clock', device, clock, kept.receivedAt) }
  if (mode === 'transaction') {
    await post('transaction', [...groundOf(kept, names), ...measuredOf(kept, names)])
    return { kind: 'done' }
  }
  const { locations } = await post('transaction', groundOf(kept, names))
  const { statuses, body } = await post(
    'batch',
    measuredOf(kept, { device: locations[0] ?? '', stamp: locations[1] ?? '' }),
  )
  if (statuses.every((status) => status < 300)) return { kind: 'done' }
  // Those that came through are found when all are sent again.
  return statuses.some(isPassing)
    ? { kind: 'again', why: body, mayBeItself: statuses.some(isByItself) }
    : { kind: 'refused', why: body }
}

const isPassing = (status: number) => status === 408 || status === 409 || status === 429 || status >= 500
/** Too many at the moment, away, a token that has ended: these say nothing of what was sent. */
const isByItself = (status: number) => isPassing(status) && status !== 429 && status !== 503

/** @returns undefined where it lies there no more */
async function sendFile(path: string): Promise<Sent | undefined> {
  let kept: Kept
  try {
    kept = JSON.parse(await readFile(path, 'utf8')) as Kept
    const problem = Number.isNaN(Date.parse(kept.receivedAt)) ? 'it is not told when it came' : problemOf(kept.upload)
    if (problem) return { kind: 'refused', why: problem }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    // What is no upload will never be one; a disk may be read another time.
    return error instanceof SyntaxError || error instanceof TypeError
      ? { kind: 'refused', why: String(error) }
      : { kind: 'again', why: String(error), mayBeItself: true }
  }
  return send(kept).catch((error: unknown): Sent => {
    if (error instanceof NotTaken) return error.sent
    const { cause } = error as Error
    return { kind: 'again', why: cause ? `${error}: ${cause}` : String(error), mayBeItself: false }
  })
}

async function putAside(name: string, why: unknown): Promise<void> {
  await writeFile(join(REFUSED, `${name}.why`), JSON.stringify(why))
  await rename(join(WAITING, name), join(REFUSED, name))
  console.error(`${name} was refused; it lies in ${REFUSED} with the reason`)
}

/** Of an upload that did not get through: when it is its turn again, how often it failed though others got through, and how many had when it last did. */
type Failed = { notBefore: number; amongOthers: number; doneCount: number }

/**
 * One after the other, in the order in which they came, as long as the program runs. One that does not get through several times in a row lets
 * others by, and one that fails again and again while others get through is put aside: while the server is down none is.
 */
async function sendAll(signal: AbortSignal): Promise<void> {
  const failed = new Map<string, Failed>()
  let doneCount = 0
  let inARow = 0
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal }).catch(() => {})
  while (!signal.aborted) {
    const waiting = (await readdir(WAITING)).sort()
    const name = waiting.find((one) => (failed.get(one)?.notBefore ?? 0) <= Date.now())
    if (!name) {
      await pause(Math.min(200, PAUSE_MS_MAX))
      continue
    }
    const sent = await sendFile(join(WAITING, name))
    if (sent?.kind === 'again') {
      const before = failed.get(name)
      const amongOthers =
        (before?.amongOthers ?? 0) + (sent.mayBeItself && before && doneCount > before.doneCount ? 1 : 0)
      if (amongOthers >= FAILURES_AMONG_OTHERS_MAX) {
        failed.delete(name)
        await putAside(name, sent.why)
        continue
      }
      inARow++
      // As the server says, or ever later, and not all gateways at the same moment.
      const later = Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** (inARow - 1)) * (0.5 + Math.random() / 2)
      const milliseconds = Math.min(sent.afterMs ?? later, RETRY_AFTER_MS_MAX)
      const isPassed = inARow % IN_A_ROW_MAX === 0 || amongOthers > 0
      const notBefore = Date.now() + milliseconds + (isPassed ? PAUSE_MS_MAX : 0)
      failed.set(name, { notBefore, amongOthers, doneCount })
      const why = JSON.stringify(sent.why).slice(0, 500)
      console.error(
        `${name} did not get through (${inARow} in a row), ${waiting.length} wait; again in ${Math.ceil(milliseconds / 1000)} s: ${why}`,
      )
      await pause(milliseconds)
      continue
    }
    inARow = 0
    failed.delete(name)
    if (sent?.kind === 'done') {
      doneCount++
      await rm(join(WAITING, name), { force: true })
    } else if (sent) await putAside(name, sent.why)
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > BODY_BYTES_MAX) throw new Error('too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}

await mkdir(WAITING, { recursive: true })
await mkdir(REFUSED, { recursive: true })
const server = createServer(async (request, response) => {
  const answer = (status: number, said?: string) => response.writeHead(status).end(said)
  try {
    if (request.method !== 'POST' || request.url !== '/measurements') return void answer(404)
    const upload = JSON.parse(await bodyOf(request)) as Upload
    const problem = problemOf(upload)
    if (problem) return void answer(400, problem)
    await keep({ upload, receivedAt: new Date().toISOString() })
    answer(202)
  } catch (error) {
    answer(error instanceof SyntaxError ? 400 : 500, String(error))
  }
})
const stop = new AbortController()
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify(server.address())))
process.once('SIGTERM', () => {
  server.close()
  stop.abort()
})
await sendAll(stop.signal)
