import { expect, test } from '@jest/globals'
import { nameOf } from './human-name.ts'

const old = { use: 'old', given: ['Line'], family: 'Før' } as const
const nickname = { use: 'nickname', given: ['L'] } as const
const official = { use: 'official', given: ['Line', 'Marie'], family: 'Danser' } as const

test.each([
  [[nickname, official], 'Line Marie Danser'],
  [[old, nickname], 'L'],
  [[old], 'Line Før'],
  [[{ text: 'Danser, Line', family: 'Danser' }], 'Danser, Line'],
  [[{ use: 'official' }], undefined],
  [[], undefined],
  [undefined, undefined],
] as const)('of the names %j a person goes by %j', (names, said) => expect(nameOf(names as never)).toBe(said))
