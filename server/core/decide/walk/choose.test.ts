import { toldAs } from '../words/told.ts'
import { type Candidate, choose } from './choose.ts'

const candidate = (id: string, action: object) =>
  ({ id, ...action, rule: { id, action: { id, ...action } }, applicable: [] }) as unknown as Candidate

test('what is left to choose from is named in each language; what has no title by its id', () => {
  const call = candidate('call', toldAs('title', { nb: 'Ring', nn: 'Ring', en: 'Call' }))
  expect(choose([call, candidate('write', {})], 'exactly-one')).toEqual({
    taken: [],
    problem: {
      nb: 'Velg én av disse: Ring, write',
      nn: 'Vel éin av desse: Ring, write',
      en: 'Choose one of these: Call, write',
    },
  })
})
