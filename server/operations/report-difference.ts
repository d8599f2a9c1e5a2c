import { randomUUID } from 'node:crypto'
import type { ClinicalImpression } from '@medplum/fhirtypes'
import { COLOURS, type Colour, TRIAGE_COLOUR } from '../core/decide/plan/vocabulary.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** An app that runs the same plan has come to another colour: one of the two is wrong, or knew less. */
export class VerdictDiffers extends Error {}

const WAYS = ['milder', 'graver'] as const
const APP = /^[\w.-]{1,64}$/

/**
 * ClinicalImpression/{id}/$report-difference: tells whoever runs the server that an app, which judges by the same plan while it has no net,
 * judged otherwise. Written to the log as a fault: the id of the triage, whether the app was milder or graver, which app; nothing of what was measured.
 * @throws Refusal value (no colour; a name of an app that is none), business-rule (the same colour; a triage that has none)
 */
export const reportDifference: Operation = {
  code: 'report-difference',
  title: 'An app judged otherwise',
  description:
    'An app that judges by the same plan without a net came to another colour than this triage. It is logged as a fault, by ids alone.',
  resource: ['ClinicalImpression'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    { name: 'colour', type: 'code', min: 1, max: '1', documentation: `What the app came to: ${COLOURS.join(', ')}.` },
    { name: 'app', type: 'string', min: 0, max: '1', documentation: 'Which app, and which version of it.' },
  ],
  out: [
    {
      name: 'app',
      type: 'code',
      min: 1,
      max: '1',
      documentation: `How the app judged: ${WAYS.join(' or ')} than the triage.`,
    },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, reportDifference)
    const said = colourOf(given.text('colour'))
    const app = given.text('app')
    if (said === undefined) throw refuse('value', `colour is one of ${COLOURS.join(', ')}.`, 'colour')
    if (app !== undefined && !APP.test(app))
      throw refuse('value', 'app is a name of up to 64 letters, digits, dots and hyphens.', 'app')
    const { text } = await rooms.store.read(exchange.access, 'ClinicalImpression', exchange.id)
    const { finding = [] } = JSON.parse(text ?? '{}') as ClinicalImpression
    const coding = finding.flatMap(({ itemCodeableConcept }) => itemCodeableConcept?.coding ?? [])
    const is = colourOf(coding.find(({ system }) => system === TRIAGE_COLOUR)?.code)
    if (is === undefined)
      throw refuse('business-rule', 'This ClinicalImpression has no colour.', 'ClinicalImpression.finding')
    if (is === said) throw refuse('business-rule', `It is ${is} here too.`, 'colour')
    const way = WAYS[COLOURS.indexOf(said) > COLOURS.indexOf(is) ? 0 : 1]
    const by = app ? `The app ${app}` : 'An app'
    const told = `${by} was ${way} than ClinicalImpression/${exchange.id}.`
    rooms.reportFault(new VerdictDiffers(told), exchange.origin.request ?? randomUUID())
    return parametersReply([{ name: 'app', valueCode: way }])
  },
}

const colourOf = (text: string | undefined): Colour | undefined => COLOURS.find((colour) => colour === text)
