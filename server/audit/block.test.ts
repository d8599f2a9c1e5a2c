import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Block, type Chain, genesisOf, nextBlock, readRecords, splitLines, tokensOf } from './block.ts'
import type { Agent, AuditRecord } from './record.ts'
import { withoutNationalNumbers } from './record.ts'
import { followChain, type StoredBlock, type Verified } from './verify.ts'

const KARI: Agent = { who: 'Practitioner/kari', client: 'ehr', roles: ['nurse'] }

const agents = fc.constantFrom<Agent>(
  KARI,
  { who: 'Client/demo-service', client: 'demo-service' },
  { who: 'anonymous' },
)
const records = fc.array(
  fc.record(
    {
      code: fc.constantFrom('read' as const, 'search-type' as const, 'create' as const),
      outcome: fc.constantFrom('4' as const, '8' as const),
      agent: agents,
      patients: fc.array(fc.constantFrom('line', 'ola'), { maxLength: 2 }),
      // Newlines, quotation marks, halves of surrogate pairs: a line must stay a line.
      query: fc.string({ unit: 'binary' }),
    },
    { requiredKeys: ['code', 'agent'] },
  ),
  { minLength: 1, maxLength: 6 },
)
const chains = fc.array(records, { minLength: 1, maxLength: 5 })

/** The rows that a writer would make of these records, one block each. */
function written(blocks: AuditRecord[][], id = '17'): StoredBlock[] {
  const chain: Chain = { id, month: '2026-11-01', block: 0, head: genesisOf(id) }
  return blocks.map((some, i) => {
    const block = nextBlock(chain, some, new Date(Date.UTC(2026, 10, 22, 12, 0, i)))
    chain.block = block.block + 1
    chain.head = block.head
    return toRow(block, some)
  })
}
const toRow = ({ recordedAt, ...rest }: Block, records: AuditRecord[]): StoredBlock => ({
  ...rest,
  ...{ recorded_at: new Date(recordedAt), filed: tokensOf(records) },
})

function findingsIn(rows: StoredBlock[]): Verified['findings'] {
  const verified: Verified = { months: [], chains: 0, blocks: 0, records: 0, findings: [] }
  const chain = followChain(verified)
  for (const row of rows) chain.next(row)
  return verified.findings
}

test('what was written is read back, and nothing is found in it', () => {
  fc.assert(
    fc.property(chains, (blocks) => {
      const rows = written(blocks)
      expect(findingsIn(rows)).toEqual([])
      expect(rows.map(({ lines }) => readRecords(lines))).toEqual(JSON.parse(JSON.stringify(blocks)))
    }),
  )
})

test('any character that is changed in any line is found', () => {
  fc.assert(
    fc.property(chains, fc.nat(), fc.nat(), (blocks, whichBlock, whichCharacter) => {
      const rows = written(blocks)
      const row = rows[whichBlock % rows.length] as StoredBlock
      const at = whichCharacter % row.lines.length
      const changed = row.lines[at] === 'x' ? 'y' : 'x'
      row.lines = row.lines.slice(0, at) + changed + row.lines.slice(at + 1)
      expect(findingsIn(rows)).not.toEqual([])
    }),
  )
})

test('a record that is taken away, put in or put elsewhere is found, also when its block is written anew by the rules', () => {
  const change = fc.constantFrom('away', 'twice', 'turned')
  fc.assert(
    fc.property(chains, fc.nat(), fc.nat(), change, (blocks, whichBlock, whichRecord, how) => {
      // Of the last block nothing follows by which it could be missed; that is for the seals.
      fc.pre(blocks.length > 1)
      const rows = written(blocks)
      const place = whichBlock % (blocks.length - 1)
      const some = blocks[place] ?? []
      const at = whichRecord % some.length
      const forged =
        how === 'away'
          ? some.toSpliced(at, 1)
          : how === 'twice'
            ? some.toSpliced(at, 0, some[at] ?? { code: 'read', agent: KARI })
            : some.toReversed()
      fc.pre(JSON.stringify(forged) !== JSON.stringify(some))
      const anew = written(blocks.with(place, forged))
      // The forger writes the one block again, and leaves those that follow.
      expect(findingsIn(rows.with(place, anew[place] as StoredBlock))).not.toEqual([])
      // Or the lines alone.
      const { lines } = anew[place] as StoredBlock
      expect(findingsIn(rows.with(place, { ...(rows[place] as StoredBlock), lines }))).not.toEqual([])
    }),
  )
})

test('a block that is taken away, or stands in another chain, is found', () => {
  fc.assert(
    fc.property(chains, fc.nat(), (blocks, which) => {
      fc.pre(blocks.length > 1)
      const rows = written(blocks)
      expect(findingsIn(rows.toSpliced(which % (rows.length - 1), 1))).toContainEqual(
        expect.objectContaining({ kind: 'missing' }),
      )
      const moved = rows.map((row) => ({ ...row, chain: '18' }))
      expect(findingsIn(moved)).toContainEqual(expect.objectContaining({ kind: 'misplaced' }))
    }),
  )
})

test('says which record was changed', () => {
  const rows = written([
    [
      { code: 'read', agent: KARI },
      { code: 'read', agent: KARI, patients: ['line'] },
    ],
  ])
  const [row] = rows as [StoredBlock]
  row.lines = row.lines.replace('["line"]', '["ola"]')
  expect(findingsIn(rows)[0]).toEqual({
    kind: 'changed',
    where: '2026-11 chain 17 block 0 record 1',
    what: expect.stringContaining('{"code":"read","agent":0,"patients":["ola"]}'),
  })
})

test('a block that was filed under other names is found: its records would not be when they are looked for', () => {
  const rows = written([[{ code: 'read', agent: KARI, patients: ['line'] }]])
  const [row] = rows as [StoredBlock]
  row.filed = row.filed?.filter((token) => token !== 'patient=line') ?? null
  expect(findingsIn(rows)).toEqual([expect.objectContaining({ kind: 'unfindable' })])
})

test('a block that is not filed is found where one behind it is; the end of a chain may wait', () => {
  const some: AuditRecord[] = [{ code: 'read', agent: KARI }]
  const rows = written([some, some, some]) as [StoredBlock, StoredBlock, StoredBlock]
  rows[2].filed = null
  expect(findingsIn(rows)).toEqual([])
  rows[1].filed = null
  expect(findingsIn(rows)).toEqual([])
  rows[0].filed = null
  expect(findingsIn(rows)).toEqual([])
  rows[1].filed = tokensOf(some)
  expect(findingsIn(rows)).toEqual([expect.objectContaining({ kind: 'unfindable', where: '2026-11 chain 17 block 0' })])
})

test('a time that was moved is found', () => {
  const rows = written([[{ code: 'read', agent: KARI }]])
  const [row] = rows as [StoredBlock]
  row.recorded_at = new Date(row.recorded_at.getTime() + 1000)
  expect(findingsIn(rows)).toEqual([expect.objectContaining({ kind: 'changed' })])
})

test('the one who acts stands once in a block, whatever they did', () => {
  const [row] = written([Array.from({ length: 5 }, () => ({ code: 'read' as const, agent: KARI }))])
  expect(JSON.parse(splitLines(row?.lines ?? '')[0]?.text ?? '').agents).toEqual([KARI])
})

test('a block is found by patient, by who did it and by what they did, and by what it was about, whatever version', () => {
  const record: AuditRecord = {
    ...{ code: 'update', agent: KARI, outcome: '4' },
    ...{ patients: ['line'], what: ['Observation/1/_history/2'] },
  }
  expect(tokensOf([record, record])).toEqual([
    ...[
      'code=update',
      'agent=Practitioner/kari',
      'agent=Client/ehr',
      'outcome=4',
      'patient=line',
      'what=Observation/1',
    ],
  ])
})

test.each([
  ['identifier=urn:oid:2.16.578.1.12.4.1.4.1|13116900216', 'identifier=urn:oid:2.16.578.1.12.4.1.4.1|131169*****'],
  ['a number of twelve digits is none: 131169002160', 'a number of twelve digits is none: 131169002160'],
  ['13116900216,13116900216', '131169*****,131169*****'],
  ['131169 00216', '131169*****'],
])('national identity numbers are cut: %s', (text, cut) => expect(withoutNationalNumbers(text)).toBe(cut))
