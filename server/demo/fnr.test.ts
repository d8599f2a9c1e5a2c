import fc from 'fast-check'
import { judgeOrganizationNumber } from '../national-numbers/other-numbers.ts'
import { judgeFnr } from '../national-numbers/person-number.ts'
import { syntheticFnr } from './fnr.ts'
import { syntheticOrganisasjonsnummer } from './organisasjonsnummer.ts'

const birthDates = fc
  .date({ min: new Date('1900-01-01'), max: new Date('1999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('a synthetic fødselsnummer has its month 80 higher, the sex in its ninth digit, and right check digits', () => {
  fc.assert(
    fc.property(birthDates, fc.constantFrom('female' as const, 'male' as const), fc.nat(400), (date, sex, serial) => {
      const fnr = syntheticFnr(date, sex, serial)
      expect(judgeFnr(fnr)).toEqual({ madeUp: 'Tenor, month + 80' })
      expect(fnr.slice(0, 2)).toBe(date.slice(8))
      expect(Number(fnr.slice(2, 4)) - 80).toBe(Number(date.slice(5, 7)))
      expect(fnr.slice(4, 6)).toBe(date.slice(2, 4))
      expect(Number(fnr[8]) % 2).toBe(sex === 'female' ? 0 : 1)
    }),
  )
})

test('a birth year without a series is refused', () => {
  expect(() => syntheticFnr('2001-01-01', 'female', 1)).toThrow('2001-01-01')
})

test('a synthetic organisasjonsnummer begins with 31 and has a right check digit', () => {
  for (let serial = 0; serial < 200; serial++) {
    const number = syntheticOrganisasjonsnummer(serial)
    expect(number).toMatch(/^31/)
    expect(judgeOrganizationNumber(number)).toEqual({ madeUp: 'Tenor, first digit 2 or 3' })
  }
})
