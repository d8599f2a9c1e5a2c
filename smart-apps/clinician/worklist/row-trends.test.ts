import { expect, test } from '@jest/globals'
import type { Observation } from '@medplum/fhirtypes'
import { createRowTrends } from './row-trends.ts'

const measured = (id: string, patient: string) =>
  ({ resourceType: 'Observation', id, subject: { reference: `Patient/${patient}` } }) as Observation

/** A server that answers when it is told to, and what it was asked. */
function server(stored: Observation[]) {
  const asked: (readonly string[])[] = []
  let answer = () => {}
  const trends = createRowTrends((patients) => {
    asked.push(patients)
    return new Promise((resolve) => {
      answer = () => resolve(stored.filter(({ subject }) => patients.includes(String(subject?.reference?.slice(8)))))
    })
  }, 0)
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1))
  const answerNow = () => {
    answer()
    return turn()
  }
  return { trends, asked, turn, answer: answerNow }
}

test('rows that come into view together are one question; each is told of its own, and those without measurements too', async () => {
  const { trends, asked, turn, answer } = server([measured('1', 'a'), measured('2', 'a')])
  const told: string[] = []
  trends.subscribe('a', () => told.push('a'))
  trends.subscribe('b', () => told.push('b'))
  for (const patient of ['a', 'b', 'a']) trends.want(patient)
  await turn()
  expect(asked).toEqual([['a', 'b']])
  expect(trends.current('a')).toBeUndefined()
  await answer()
  expect(told).toEqual(['a', 'b'])
  expect([trends.current('a')?.length, trends.current('b')]).toEqual([2, []])
})

test('what is known is not asked for again, unless a Task is about what is not among it; and that once', async () => {
  const stored = [measured('1', 'a')]
  const { trends, asked, turn, answer } = server(stored)
  trends.want('a')
  await turn()
  await answer()
  for (const focus of [undefined, '1']) trends.want('a', focus)
  await turn()
  expect(asked).toHaveLength(1)
  stored.push(measured('2', 'a'))
  trends.want('a', '2')
  await turn()
  await answer()
  expect(trends.current('a')?.map(({ id }) => id)).toEqual(['1', '2'])
  trends.want('a', 'hidden')
  await turn()
  await answer()
  trends.want('a', 'hidden')
  await turn()
  expect(asked).toHaveLength(3)
})

test('hundreds are asked for in parts, one after another', async () => {
  const { trends, asked, turn, answer } = server([])
  for (let i = 0; i < 45; i++) trends.want(`p${i}`)
  await turn()
  for (let i = 0; i < 3; i++) await answer()
  expect(asked.map(({ length }) => length)).toEqual([20, 20, 5])
})
