import { toSent } from './sent-data.ts'

test('totals are added up over receivers, messages come as they are, and what is not said is not there', () => {
  const total = (receiver: string, state: string, count: number) => ({
    name: 'total',
    part: [
      { name: 'receiver', valueCode: receiver },
      { name: 'state', valueCode: state },
      { name: 'count', valueInteger: count },
    ],
  })
  const sent = toSent({
    resourceType: 'Parameters',
    parameter: [
      ...[total('jft', 'dead', 1), total('pmd', 'dead', 2), total('jft', 'journaled', 7)],
      {
        name: 'message',
        part: [
          { name: 'id', valueId: 'm1' },
          { name: 'receiver', valueCode: 'jft' },
          { name: 'organization', valueString: '312229544' },
          { name: 'state', valueCode: 'dead' },
          { name: 'attempts', valueInteger: 3 },
          { name: 'caused', valueInstant: '2026-11-01T08:00:00Z' },
          { name: 'reason', valueString: 'No national number.' },
        ],
      },
      { name: 'next', valueString: '17' },
    ],
  })
  expect([...sent.totals]).toEqual([
    ['dead', 3],
    ['journaled', 7],
  ])
  expect(sent.next).toBe('17')
  expect(sent.messages).toEqual([
    {
      ...{ id: 'm1', receiver: 'jft', organization: '312229544', state: 'dead', attempts: 3 },
      ...{ caused: new Date('2026-11-01T08:00:00Z'), reason: 'No national number.' },
    },
  ])
})
