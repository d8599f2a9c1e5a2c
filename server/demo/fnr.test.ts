import fc from 'fast-check'
import { hasFnrCheckDigits, syntheticFnr } from './fnr.ts'
import { hasOrganisasjonsnummerCheckDigit, syntheticOrganisasjonsnummer } from './organisasjonsnummer.ts'

const birthDates = fc
  .date({ min: new Date('1900-01-01'), max: new Date('1999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('a synthetic fødselsnummer has its month 80 higher, the sex in its ninth digit, and right check digits', () => {
  fc.assert(
    fc.property(birthDates, fc.constantFrom('female' as const, 'male' as const), fc.nat(400), (date, sex, serial) => {
      const fnr = syntheticFnr(date, sex, serial)
      expect(hasFnrCheckDigits(fnr)).toBe(true)
      expect(fnr.slice(0, 2)).toBe(date.slice(8))
      expect(Number(fnr.slice(2, 4)) - 80).toBe(Number(date.slice(5, 7)))
      expect(fnr.slice(4, 6)).toBe(date.slice(2, 4))
      expect(Number(fnr[8]) % 2).toBe(sex === 'female' ? 0 : 1)
    }),
  )
})

test.each([
  ['13116900216', true],
  ['12057900499', true],
  ['05073500186', true],
  ['13116900215', false],
  ['13116900226', false],
  ['1311690021', false],
  ['', false],
])('the check digits of %s are right: %s', (fnr, right) => {
  expect(hasFnrCheckDigits(fnr)).toBe(right)
})

test('a birth year without a series is refused', () => {
  expect(() => syntheticFnr('2001-01-01', 'female', 1)).toThrow('2001-01-01')
})

test('a synthetic organisasjonsnummer begins with 31 and has a right check digit', () => {
  for (let serial = 0; serial < 200; serial++) {
    const number = syntheticOrganisasjonsnummer(serial)
    expect(number).toMatch(/^31/)
    expect(hasOrganisasjonsnummerCheckDigit(number)).toBe(true)
  }
})
