import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Refusal } from '../../../server/core/fhir/outcome.ts'
import { toUnreceived } from '../../../server/senders/http-answer.ts'
import { toProgress } from '../../../server/senders/jft/status-answer.ts'
import { notReached } from '../../../server/senders/not-reached.ts'
import { patientNumber } from '../../../server/senders/patient-number.ts'
import { tellReason } from './reason-words.ts'

const answered = (status: number, body = '') => {
  const answer = toUnreceived({ status, header: () => null, body }, new Date(0))
  return answer.reason
}
const failed = (reason?: string) => {
  const progress = toProgress({ status: 200, body: JSON.stringify({ status: 'failed', reason }) })
  return progress.kind === 'failed' ? progress.reason : ''
}
const numberRefused = (value?: string) => {
  try {
    const identifier = value ? [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value }] : []
    patientNumber({ resourceType: 'Patient', identifier }, 'real', new Date(0))
  } catch (error) {
    // As the deliverer of messages puts it down.
    return (error as Refusal).issues
      .map(({ diagnostics, expression = [] }) => [diagnostics, ...expression].join(' '))
      .join('; ')
  }
  return ''
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
  [failed(), 'Meldingen kunne ikke journalføres.', 'Meldinga kunne ikkje journalførast.'],
  [failed('Full.'), 'Meldingen kunne ikke journalføres: «Full.»', 'Meldinga kunne ikkje journalførast: «Full.»'],
  [
    numberRefused(),
    'Pasienten har verken fødselsnummer, D-nummer eller FH-nummer, som mottakeren kunne kjenne dem på.',
    'Pasienten har verken fødselsnummer, D-nummer eller FH-nummer, som mottakaren kunne kjenne dei på.',
  ],
  [
    numberRefused('13116900217'),
    'Nummeret som er ført på pasienten, kan ikke være rett.',
    'Nummeret som er ført på pasienten, kan ikkje vere rett.',
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

/** What the senders put down as a reason, word by word; numbers in the place of what they fill in. Looking up in journals sends nothing. */
function reasonsOfSenders(): string[] {
  const folder = join(import.meta.dirname, '../../../server/senders')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^(?:kjerne)?journal\b/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  const words = /(?:\breason(?::| =)|\bagain\(|\bnew Withheld\() ?(['`])((?:(?!\1)(?!\$\{)[^\n]|\$\{[\w.]+\})+)\1/g
  return files.flatMap((file) => [...file.matchAll(words)].map(([, , said = '']) => said.replace(/\$\{[\w.]+\}/g, '7')))
}

test('whatever the senders say has words in bokmål and nynorsk', () => {
  const reasons = reasonsOfSenders()
  expect(reasons).toEqual(
    expect.arrayContaining(['The patient has closed it to somebody.', 'The receiver gave no status for it.']),
  )
  expect(reasons.filter((reason) => tellReason(reason, 'nb').lang || tellReason(reason, 'nn').lang)).toEqual([])
})
