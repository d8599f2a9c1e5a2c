import { createServer } from 'node:http'

export type OpenRecords = { address: string; stop(): void }

/**
 * Our demo's records as the simulator wants its own: at an address without a path, and for everybody; it asks for tokens itself,
 * and knows none of ours. On this machine only.
 */
export async function openRecords(port: number, fhirBase: string, token: string): Promise<OpenRecords> {
  const server = createServer(async (req, res) => {
    const parts: Buffer[] = []
    for await (const part of req) parts.push(part as Buffer)
    const told = ['accept', 'content-type', 'if-match'].flatMap((name) =>
      typeof req.headers[name] === 'string' ? [[name, req.headers[name]] as [string, string]] : [],
    )
    const answer = await fetch(fhirBase + req.url, {
      method: req.method ?? 'GET',
      headers: [...told, ['authorization', `Bearer ${token}`]],
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    })
    res.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/fhir+json' })
    // Its links lead back here, so that the simulator can turn them into its own.
    res.end((await answer.text()).replaceAll(`${fhirBase}/`, `http://127.0.0.1:${port}/`))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
