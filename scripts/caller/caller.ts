import type { Answer } from './answer.ts'
import { Connection } from './connection.ts'

/** Who calls, and where. */
export type Door = { fhirBase: URL; authorization: string }

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: string
  /** Of the body; `application/fhir+json` when left out. */
  contentType?: string
  headers?: string[]
}

/**
 * One caller on one connection, one call at a time.
 * @example await caller.call({ method: 'GET', path: 'Patient/demo-line' })
 */
export class Caller {
  private readonly connection: Connection
  private readonly basePath: string
  private readonly head: string

  constructor({ fhirBase, authorization }: Door) {
    this.connection = new Connection(fhirBase)
    this.basePath = fhirBase.pathname.replace(/\/$/, '')
    this.head = `host: ${fhirBase.host}\r\nauthorization: ${authorization}\r\naccept: application/fhir+json\r\n`
  }

  /** @param path below the FHIR base (empty: the base itself), or an absolute URL such as a page's link @throws ConnectionLost */
  call({ method, path, body, contentType = 'application/fhir+json', headers = [] }: Call): Promise<Answer> {
    const url = path.startsWith('http') ? pathOf(path) : [this.basePath, path].filter(Boolean).join('/')
    const extra = headers.map((header) => `${header}\r\n`).join('')
    const entity =
      body === undefined
        ? '\r\n'
        : `content-type: ${contentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    return this.connection.send(`${method} ${url} HTTP/1.1\r\n${this.head}${extra}${entity}`)
  }

  close(): void {
    this.connection.close()
  }
}

const pathOf = (url: string) => {
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** What the server said, as JSON. @throws Error that quotes the answer when its status is not among `statuses` */
export function expectJson<T>(answer: Answer, ...statuses: number[]): T {
  if (!statuses.includes(answer.status)) {
    throw new Error(`expected ${statuses.join(' or ')}, got ${answer.status}: ${answer.body.toString().slice(0, 400)}`)
  }
  return JSON.parse(answer.body.toString()) as T
}
