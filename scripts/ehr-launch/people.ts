import { createServer } from 'node:http'
import { FNR, HPR_NUMBER } from '../../server/national-numbers/systems.ts'

/** The few people behind the simulator, which has none with Norwegian numbers. */
export type People = {
  patient: string
  practitioner: string
  encounter: string
  /** The systems whose numbers are told. */
  numbers: string[]
  stop(): void
}

/** A FHIR server of three resources; the simulator stands before it and asks for its own tokens. */
export async function servePeople(port: number, { hpr, fnr }: { hpr: string; fnr: string }): Promise<People> {
  const people: People = {
    ...{ patient: 'ehr-patient', practitioner: 'ehr-user', encounter: 'ehr-visit', numbers: [HPR_NUMBER, FNR] },
    stop: () => void server.close(),
  }
  const identified = (system: string, value: string) => (people.numbers.includes(system) ? [{ system, value }] : [])
  const find = (name: string) => {
    const [resourceType = '', id = ''] = name.split('/')
    const base = { resourceType, id }
    if (id === people.practitioner)
      return { ...base, name: [{ family: 'Nordlys' }], identifier: identified(HPR_NUMBER, hpr) }
    if (id === people.patient) return { ...base, name: [{ family: 'Danser' }], identifier: identified(FNR, fnr) }
    return id === people.encounter ? { ...base, status: 'in-progress', class: { code: 'AMB' } } : undefined
  }
  const server = createServer((req, res) => {
    const found = find((req.url ?? '').slice(1))
    res.setHeader('content-type', 'application/fhir+json').statusCode = found ? 200 : 404
    res.end(
      JSON.stringify(found ?? { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] }),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return people
}
