import { expect, test } from '@jest/globals'
import { SENDING_REASON_CODES, tellSendingReason } from './sending-reason.ts'

const placesIn = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

test.each(SENDING_REASON_CODES)('%s asks for the same in each language', (code) => {
  const { nb, nn, en } = tellSendingReason({ code })
  expect([placesIn(nn), placesIn(en)]).toEqual([placesIn(nb), placesIn(nb)])
})

test('what was said last is told after it, in the same language', () => {
  const last = { code: 'answered-with', values: { status: 503, quote: 'Full.' } } as const
  expect(tellSendingReason({ code: 'given-up', values: { count: 41 }, last })).toEqual({
    nb: 'Gitt opp etter 41 forsøk. Mottakeren svarte 503: «Full.»',
    nn: 'Gitt opp etter 41 forsøk. Mottakaren svarte 503: «Full.»',
    en: 'Given up after 41 attempts. The receiver answered 503: Full.',
  })
})

test('what is filled in fills in nothing itself', () =>
  expect(tellSendingReason({ code: 'answered-with', values: { status: 400, quote: '{status} {cause}' } }).nb).toBe(
    'Mottakeren svarte 400: «{status} {cause}»',
  ))
