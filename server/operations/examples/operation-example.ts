export type ExampleRequest = {
  method: 'GET' | 'POST' | 'PUT'
  /** Below the FHIR base. */
  path: string
  body?: object
  /** Beside what every request has. */
  headers?: Record<string, string>
  /** Which of the demo's users asks; its service, with `system/*.cruds`, where none is named. */
  as?: 'nurse' | 'patient'
}

/** What is done first. Later requests call what came of a step that has a name: `{{draft.id}}`. */
export type ExampleStep = ExampleRequest & { name?: string }

/**
 * An operation as it is used, against a server with demo data. The OperationDefinition and docs/operations.md show it, and a journey
 * runs it.
 */
export type OperationExample = {
  /** What it shows, as a sentence. */
  title: string
  before?: ExampleStep[]
  request: ExampleRequest
  /** What comes back: of the body only what matters here, `…` for what is another each time. A list may hold more than is shown. */
  response: { status: number; body: object }
}

/** The body of most operations. */
export const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter })

/**
 * Puts into a request what is known only when it is sent: `{{draft.id}}` from the answer of the step with that name,
 * `{{in 2 days}}` and `{{2 days ago}}` as a moment, `{{today}}` as a date.
 * @throws Error for a name that no step before has given
 */
export function filled<T extends ExampleRequest>(request: T, answers: ReadonlyMap<string, unknown>, now: Date): T {
  const text = JSON.stringify(request).replace(/\{\{([^}]+)\}\}/g, (_whole, name: string) => {
    const moment = momentOf(name, now)
    if (moment !== undefined) return moment
    const [step = '', ...path] = name.split('.')
    const found = path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      answers.get(step),
    )
    if (typeof found !== 'string') throw new Error(`Nothing is called ${name} in ${request.method} ${request.path}`)
    return found
  })
  return JSON.parse(text) as T
}

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

function momentOf(name: string, now: Date): string | undefined {
  if (name === 'today') return now.toISOString().slice(0, 10)
  const [, ahead, count, unit, ago] = /^(in )?(\d+) (minute|hour|day)s?( ago)?$/.exec(name) ?? []
  if (!unit || Boolean(ahead) === Boolean(ago)) return undefined
  const distance = Number(count) * UNITS[unit as keyof typeof UNITS]
  return new Date(now.getTime() + (ago ? -distance : distance)).toISOString()
}
