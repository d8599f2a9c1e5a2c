import { idnr } from '@navikt/fnrvalidator'
import fc from 'fast-check'
import { hasCheckDigits, withCheckDigits } from './check-digits.ts'
import { judgeNumber, personIdentifier } from './judge-number.ts'
import { D_NUMBER, DUF_NUMBER, FH_NUMBER, FNR, H_NUMBER, HPR_NUMBER, ORGANIZATION_NUMBER, RESH_ID } from './systems.ts'

// Made for this table from the published rules, but for the test persons of HL7 Norway and Norsk helsenett.
test.each([
  [FNR, '13116900216', undefined, 'published test person'],
  [FNR, '12057900499', undefined, 'published test person'],
  [FNR, '05073500186', undefined, 'published test person'],
  [FNR, '17847100079', 'Tenor, month + 80', 'a number of Tenor'],
  [FNR, '29840000190', 'Tenor, month + 80', '29 February of a year 00: 2000 had one'],
  [FNR, '17847160063', 'Tenor, month + 80', 'the rule from 2032, 1 left over'],
  [FNR, '17847160071', 'Tenor, month + 80', 'the rule from 2032, 2 left over'],
  [FNR, '17847160160', 'Tenor, month + 80', 'the rule from 2032, 3 left over'],
  [FNR, '17717100050', 'Norsk helsenett, month + 65', 'a number of Norsk helsenett'],
  [FNR, '17467100076', 'Dolly, month + 40', 'a number of Dolly'],
  [D_NUMBER, '57847100062', 'Tenor, month + 80', 'a D-number of Tenor'],
  [D_NUMBER, '57717100044', 'Norsk helsenett, month + 65', 'a D-number of Norsk helsenett'],
  [H_NUMBER, '17467100076', undefined, 'the month tells a hjelpenummer'],
  [FH_NUMBER, '89000000281', undefined, 'neither date nor sex'],
  [FH_NUMBER, '81234500090', undefined, 'neither date nor sex'],
  [HPR_NUMBER, '431001110', undefined, 'nine digits'],
  [HPR_NUMBER, '1', undefined, 'the first'],
  [RESH_ID, '4204917', undefined, 'a whole number'],
  [ORGANIZATION_NUMBER, '991324968', undefined, 'Helse Sør-Øst'],
  [ORGANIZATION_NUMBER, '312229544', 'Tenor, first digit 2 or 3', 'a made-up municipality'],
  ['http://hl7.no/fhir/NamingSystem/FNR', '13116900216', undefined, 'another name of the system'],
])('%s: %s can be one (%s; %s)', (system, value, madeUp, _why) => {
  expect(judgeNumber(system, value)).toEqual(madeUp === undefined ? {} : { madeUp })
})

test.each([
  [FNR, '17847100078', /check digits/],
  [FNR, '17847100089', /check digits/],
  [FNR, '1784710007', /11 digits/],
  [FNR, '178471 00079', /11 digits/],
  [FNR, '00000000000', /no date/],
  [FNR, '32847100000', /no date/],
  [FNR, '30820000396', /no date/],
  [FNR, '01930000000', /no date/],
  [FNR, '57847100062', /D-number/],
  [D_NUMBER, '13116900216', /fødselsnummer/],
  [H_NUMBER, '13116900216', /fødselsnummer/],
  [H_NUMBER, '57467100000', /D-number/],
  [FH_NUMBER, '13116900216', /8 or 9/],
  [FH_NUMBER, '89000000282', /check digits/],
  [HPR_NUMBER, '0', /HPR number/],
  [HPR_NUMBER, '1234567890', /HPR number/],
  [RESH_ID, '42A', /RESH id/],
  [ORGANIZATION_NUMBER, '991324969', /check digit/],
  [ORGANIZATION_NUMBER, '991 324 968', /9 digits/],
  [ORGANIZATION_NUMBER, '000000000', /not 0/],
  [DUF_NUMBER, '123', /12 digits/],
  ['http://hl7.no/fhir/NamingSystem/HPR', 'x', /HPR number/],
])('%s: %s can be none', (system, value, problem) => {
  const judgement = judgeNumber(system, value)
  expect(judgement?.problem).toMatch(problem)
  expect(judgement?.problem).not.toMatch(/\d{3}/) // it does not tell the number
})

test('a DUF number whose control seems wrong is presumed wrong, for its rule is not published', () => {
  expect(judgeNumber(DUF_NUMBER, '202012345602')).toEqual({})
  expect(judgeNumber(DUF_NUMBER, '202012345603')).toMatchObject({ isPresumed: true })
})

test('an organisation number of a series that nobody has published is presumed wrong', () => {
  expect(judgeNumber(ORGANIZATION_NUMBER, '700000001')).toMatchObject({ isPresumed: true })
})

test('of other systems there is nothing to say', () => {
  expect(judgeNumber('http://example.org/mrn', 'anything')).toBeUndefined()
})

test.each([
  ['13116900216', FNR],
  ['17847160160', FNR],
  ['57847100062', D_NUMBER],
])('who signs in with %s is looked for by %s', (pid, system) => {
  expect(personIdentifier(pid)).toEqual({ system, value: pid })
})

test.each(['', '13116900217', '01010000000', '89000000281', 'pid'])('who signs in with %s is not looked for', (pid) => {
  expect(personIdentifier(pid)).toBeUndefined()
})

/** What somebody else's rule says, of the series that it knows: not of Norsk helsenett's, and of all that has month + 40 it says hnr. */
test('of numbers near real ones, Nav’s validator says the same', () => {
  const twoDigits = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, '0'))
  const nine = fc
    .tuple(twoDigits(79), twoDigits(99), twoDigits(99), fc.nat(999))
    .filter(([, month]) => !(Number(month) > 65 && Number(month) <= 77))
    .map(([day, month, year, serial]) => `${day}${month}${year}${String(serial).padStart(3, '0')}`)
  const eleven = fc.oneof(
    nine.map(withCheckDigits).filter((one) => one !== undefined),
    fc.tuple(nine, twoDigits(99)).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(eleven, (value) => {
      const theirs = idnr(value).status === 'valid'
      const ours = [FNR, D_NUMBER].some((system) => judgeNumber(system, value)?.problem === undefined)
      expect([value, ours]).toEqual([value, theirs])
    }),
    { numRuns: 2000 },
  )
})

test('one digit changed is found out by the rule until 2032', () => {
  const valid = fc
    .nat(999_999_999)
    .map((n) => withCheckDigits(String(n).padStart(9, '0')))
    .filter((one) => one !== undefined)
  fc.assert(
    fc.property(valid, fc.nat(10), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
      const changed = `${number.slice(0, at)}${(Number(number[at]) + by) % 10}${number.slice(at + 1)}`
      // What the rule from 2032 lets pass is a number of that rule, and none of the one until then.
      expect(withCheckDigits(changed.slice(0, 9))).not.toBe(changed)
      expect(hasCheckDigits(number)).toBe(true)
    }),
  )
})
