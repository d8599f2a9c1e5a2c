import { expect, test } from '@jest/globals'
import { DELAYED_RELEASE_SYSTEM, RELEASE_AT } from '../access/vocabulary.ts'
import { changesDelay } from './changes-delay.ts'

const AT = '2026-11-24T08:00:00Z'
const FOR_EVER = { system: DELAYED_RELEASE_SYSTEM, code: 'NORU' }
const until = (at: string) => ({ ...FOR_EVER, extension: [{ url: RELEASE_AT, valueDateTime: at }] })
const TOMORROW = until('2026-11-25T08:00:00Z')
const YESTERDAY = until('2026-11-23T08:00:00Z')
const resource = (...security: object[]) => ({
  ...{ resourceType: 'Observation', id: 'o', meta: { lastUpdated: AT, security } },
})

test.each([
  ['is taken away', [FOR_EVER], [], true],
  ['is given an end', [FOR_EVER], [TOMORROW], true],
  ['is taken away before its end', [TOMORROW], [], true],
  ['is taken away when it is over', [YESTERDAY], [], false],
  ['is one of two, and the other stays as long', [FOR_EVER, TOMORROW], [FOR_EVER], false],
  ['stays', [FOR_EVER], [FOR_EVER], false],
  ['is new: what was sent stays there', [], [FOR_EVER], false],
  ['is none', [], [{ system: 'http://example.org', code: 'V' }], false],
] as const)('a delay that %s', (_what, before, after, changed) =>
  expect(changesDelay(resource(...before), resource(...after))).toBe(changed),
)

test('what is new, or deleted, changes none', () => {
  expect(changesDelay(undefined, resource())).toBe(false)
  expect(changesDelay(resource(FOR_EVER), undefined)).toBe(false)
})
