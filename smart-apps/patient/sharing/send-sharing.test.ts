import { expect, test } from '@jest/globals'
import type { Bundle, BundleEntry, Consent, RelatedPerson } from '@medplum/fhirtypes'
import type { Query } from '../../fhir/client.ts'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import type { StoredKin } from '../../sharing/grants.ts'
import { openSharing } from './send-sharing.ts'
import { type Asked, numberOf } from './share.ts'

const NOW = new Date('2026-11-23T10:00:00Z')
const PER: Asked = {
  ...{ kin: undefined, name: 'Per Prøve', nationalNumber: '131169 00216', relation: 'venn' },
  ...{ isAll: true, shares: [], period: 'month' },
}
const KARI: Asked = { ...PER, name: 'Kari Prøve', nationalNumber: '531169 00048' }
const NARROW = { isAll: false, shares: ['messages'] as const }
const KNOWN: StoredKin = {
  ...{ resourceType: 'RelatedPerson', id: 'maja', patient: { reference: 'Patient/1' }, meta: { versionId: '1' } },
  name: [{ given: ['Maja'], family: 'Ny' }],
}

type Stored = (Consent | RelatedPerson) & { id: string; meta: { versionId: string } }

type Mood = 'answers' | 'answer lost' | 'refuses' | 'comes late' | 'one comes between'

/** As much of the server as a sharing meets. `mood` decides what becomes of what is sent next. */
function played(...stored: Stored[]) {
  const late: BundleEntry[][] = []
  const server = { stored, mood: 'answers' as Mood, late }
  const called = (name: string | null | undefined) =>
    stored.find(({ identifier }) => identifier?.some(({ system, value }) => `${system}|${value}` === name))
  const named = (query: string | undefined) => called(new URLSearchParams(query).get('identifier'))
  const keep = (one: Stored | undefined, resource: unknown): Stored => {
    const id = one?.id ?? `${stored.length}`
    const next = { ...(resource as Stored), id, meta: { versionId: `${Number(one?.meta.versionId ?? 0) + 1}` } }
    if (one) stored.splice(stored.indexOf(one), 1, next)
    else stored.push(next)
    return next
  }
  const take = (entry: BundleEntry[]) => {
    const before = [...stored]
    let made = ''
    const answers: BundleEntry[] = []
    for (const { resource, request } of entry) {
      const found = request?.ifNoneExist
        ? named(request.ifNoneExist)
        : stored.find(({ id, resourceType }) => `${resourceType}/${id}` === request?.url)
      if (request?.ifMatch && request.ifMatch !== `W/"${found?.meta.versionId}"`) {
        stored.splice(0, stored.length, ...before)
        throw new Refused(412, [])
      }
      if (request?.method === 'POST' && found) made = found.id
      else made = keep(found, JSON.parse(JSON.stringify(resource).replace(/urn:uuid:[^"]+(?=","display)/, made))).id
      answers.push({ response: { status: found ? '200 OK' : '201 Created' } })
    }
    return answers
  }
  /** What finds another state than it was sent for changes nothing. */
  const arriveLate = (count = late.length) => {
    for (const entry of late.splice(0, count)) {
      try {
        take(entry)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
      }
    }
  }
  return {
    server,
    fhir: {
      read: async (_: string, id: string) => stored.find((one) => one.id === id) as never,
      async search(_: string, { identifier }: Query) {
        const found = called(String(identifier))
        const read = { resourceType: 'Bundle' as const, type: 'searchset' as const }
        if (server.mood === 'one comes between') arriveLate(1)
        return { ...read, entry: found ? [{ resource: { ...found } }] : [] } as unknown as Bundle<never>
      },
      async transact(entry: BundleEntry[]) {
        if (server.mood === 'refuses') throw new Refused(403, [])
        const answers = server.mood === 'comes late' ? late.push(entry) : take(entry)
        if (server.mood === 'comes late' || server.mood === 'answer lost') throw new Unreachable()
        return { resourceType: 'Bundle', type: 'transaction-response', entry: answers } as Bundle
      },
    },
    arriveLate,
  }
}
/** What holds: to whom, and what of the record. */
const holding = ({ stored }: { stored: Stored[] }) =>
  stored
    .flatMap((one) => (one.resourceType === 'Consent' && one.status === 'active' ? [one] : []))
    .map(({ provision }) => [
      provision?.actor?.[0]?.reference.display,
      provision?.class?.map(({ code }) => code) ?? 'all',
    ])

const NARROWED = ['Communication', 'CommunicationRequest', 'Patient']
test.each(['answer lost', 'comes late'] as const)(
  'of a sharing whose %s, only what was asked last holds: less of the record, or for somebody else',
  async (mood) => {
    const { server, fhir, arriveLate } = played()
    const sharing = openSharing(fhir, '1')
    expect(sharing.mayHold()).toBe(false)
    server.mood = mood
    await expect(sharing.send(PER, NOW)).rejects.toThrow(Unreachable)
    expect(sharing.mayHold()).toBe(true)
    server.mood = 'answer lost'
    await expect(sharing.send({ ...PER, ...NARROW }, NOW)).rejects.toThrow(Unreachable)
    expect(holding(server)).toEqual([['Per Prøve', NARROWED]])
    server.mood = 'answers'
    await sharing.send({ ...KARI, ...NARROW }, NOW)
    arriveLate()
    expect(holding(server)).toEqual([['Kari Prøve', NARROWED]])
    expect(sharing.mayHold()).toBe(false)
    expect(server.stored.filter(({ resourceType }) => resourceType === 'RelatedPerson')).toHaveLength(2)
  },
)

const MOST: Asked = { ...PER, isAll: true }
const SOME: Asked = { ...PER, ...NARROW }
const LEAST: Asked = { ...PER, isAll: false, shares: ['forms'] }

test.each<[string, Mood]>([
  ['when all is over', 'answers'],
  ['one by one, each between what was read and what was written', 'one comes between'],
])(
  'of three sharings that were lost and arrive late, %s, none takes the place of what was asked last',
  async (_, mood) => {
    for (const before of [[], [MOST]] as const) {
      const { server, fhir, arriveLate } = played()
      const sharing = openSharing(fhir, '1')
      server.mood = 'answer lost'
      for (const asked of before) await expect(sharing.send(asked, NOW)).rejects.toThrow(Unreachable)
      server.mood = 'comes late'
      for (const asked of [MOST, SOME, MOST]) await expect(sharing.send(asked, NOW)).rejects.toThrow(Unreachable)
      server.mood = mood
      await sharing.send(LEAST, NOW)
      arriveLate()
      expect(holding(server)).toEqual([['Per Prøve', ['QuestionnaireResponse', 'Patient']]])
      expect(sharing.mayHold()).toBe(false)
    }
  },
)

test('what somebody else goes on changing is not written over for ever: it is told as a conflict', async () => {
  const { fhir } = played()
  let count = 0
  const transact = async () => {
    count++
    throw count === 1 ? new Unreachable() : new Refused(412, [])
  }
  const sharing = openSharing({ ...fhir, transact }, '1')
  await expect(sharing.send(MOST, NOW)).rejects.toThrow(Unreachable)
  await expect(sharing.send(SOME, NOW)).rejects.toMatchObject({ status: 412 })
  expect([count, sharing.mayHold()]).toEqual([3, true])
})

test('one who was known by name alone and got the number with an answer that was lost is shared with when it is sent again; a number that was put right meanwhile counts', async () => {
  const { server, fhir } = played(KNOWN as Stored)
  const sharing = openSharing(fhir, '1')
  const asked = { ...PER, kin: KNOWN }
  server.mood = 'answer lost'
  await expect(sharing.send(asked, NOW)).rejects.toThrow(Unreachable)
  server.mood = 'answers'
  await sharing.send(asked, NOW)
  expect(holding(server)).toEqual([['Maja Ny', 'all']])

  server.mood = 'answer lost'
  const other = openSharing(fhir, '1')
  server.stored[0] = KNOWN as Stored
  await expect(other.send(asked, NOW)).rejects.toThrow(Unreachable)
  server.mood = 'answers'
  await other.send({ ...asked, nationalNumber: '53116900048' }, NOW)
  expect(server.stored[0]?.identifier).toHaveLength(1)
  expect(numberOf(server.stored[0] as StoredKin)).toBe('53116900048')
})

test('what the server has refused does not hold, and takes the place of nothing', async () => {
  const { server, fhir } = played()
  const sharing = openSharing(fhir, '1')
  server.mood = 'refuses'
  await expect(sharing.send(PER, NOW)).rejects.toThrow(Refused)
  expect(sharing.mayHold()).toBe(false)
  server.mood = 'answers'
  await sharing.send(PER, NOW)
  expect(holding(server)).toEqual([['Per Prøve', 'all']])
})
