import { expect, test } from '@jest/globals'
import { toUnreceived } from '../../../server/senders/http-answer.ts'
import { notReached } from '../../../server/senders/not-reached.ts'
import { tellReason } from './reason-words.ts'

const answered = (status: number, body = '') => {
  const answer = toUnreceived({ status, header: () => null, body }, new Date(0))
  return answer.reason
}
const issue = { severity: 'error', code: 'invalid', diagnostics: 'Ukjent pasient.' }
const outcome = JSON.stringify({ resourceType: 'OperationOutcome', issue: [issue] })
const lost = notReached({ code: 'ECONNREFUSED' }) as { reason: string }

test.each([
  [answered(503), 'Mottakeren svarte 503.', 'Mottakaren svarte 503.'],
  [answered(400, outcome), 'Mottakeren svarte 400: «Ukjent pasient.»', 'Mottakaren svarte 400: «Ukjent pasient.»'],
  [
    lost.reason,
    'Fikk ikke kontakt med mottakeren (ECONNREFUSED).',
    'Fekk ikkje kontakt med mottakaren (ECONNREFUSED).',
  ],
  [
    `Given up after 41 attempts. ${answered(503)}`,
    'Gitt opp etter 41 forsøk. Mottakeren svarte 503.',
    'Gitt opp etter 41 forsøk. Mottakaren svarte 503.',
  ],
  [
    `It was accepted 72 hours ago and is in no journal. ${lost.reason}`,
    'Mottatt for 72 timer siden, men ikke journalført. Fikk ikke kontakt med mottakeren (ECONNREFUSED).',
    'Motteken for 72 timar sidan, men ikkje journalført. Fekk ikkje kontakt med mottakaren (ECONNREFUSED).',
  ],
  [
    'It was accepted 72 hours ago and is in no journal.',
    'Mottatt for 72 timer siden, men ikke journalført.',
    'Motteken for 72 timar sidan, men ikkje journalført.',
  ],
  [
    'Observation/7 is in "mmol/L"; Vekt (29463-7) is sent in kg. Observation.value.ofType(Quantity).code',
    'Observation/7 er i «mmol/L»; Vekt sendes i kg.',
    'Observation/7 er i «mmol/L»; Vekt blir sendt i kg.',
  ],
] as const)('“%s” is told in bokmål and nynorsk, and names no element', (reason, nb, nn) => {
  expect(tellReason(reason, 'nb')).toEqual({ text: nb })
  expect(tellReason(reason, 'nn')).toEqual({ text: nn })
  expect(tellReason(reason, 'en').lang).toBeUndefined()
})

test('what is not known is told as the server says it, and says in which language that is', () => {
  expect(tellReason('Something new.', 'nb')).toEqual({ text: 'Something new.', lang: 'en' })
  expect(tellReason('Given up after 2 attempts. Something new.', 'nn')).toEqual({
    text: 'Gitt opp etter 2 forsøk. Something new.',
    lang: 'en',
  })
  expect(tellReason('Something new.', 'en')).toEqual({ text: 'Something new.' })
})
