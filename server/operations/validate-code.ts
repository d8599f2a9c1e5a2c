import type { Reply } from '../exchange.ts'
import { type Verdict, validateInCodeSystem, validateInValueSet } from '../terminology/validate-code.ts'
import { codeSystemGiven, codingsGiven } from './code-system-given.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { valueSetGiven } from './value-set-given.ts'

const CODED: Parameter[] = [
  { name: 'code', type: 'code', min: 0, max: '1', documentation: 'The code.' },
  { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Version of the code system.' },
  { name: 'display', type: 'string', min: 0, max: '1', documentation: 'Must be one of its displays.' },
  { name: 'coding', type: 'Coding', min: 0, max: '1', documentation: 'The code as a Coding.' },
  { name: 'codeableConcept', type: 'CodeableConcept', min: 0, max: '1', documentation: 'One of its codings must do.' },
  { name: 'date', type: 'dateTime', min: 0, max: '1', documentation: 'Taken; what is here now is what is used.' },
  { name: 'abstract', type: 'boolean', min: 0, max: '1', documentation: 'False: abstract codes do not count.' },
  { name: 'displayLanguage', type: 'code', min: 0, max: '1', documentation: 'Language of the display in the answer.' },
]

const VERDICT: Parameter[] = [
  { name: 'result', type: 'boolean', min: 1, max: '1', documentation: 'Whether the code is in it.' },
  { name: 'message', type: 'string', min: 0, max: '1', documentation: 'Why it is not.' },
  { name: 'display', type: 'string', min: 0, max: '1', documentation: 'The display that is recommended.' },
]

/** https://hl7.org/fhir/R4/valueset-operation-validate-code.html */
export const validateCodeInValueSet: Operation = {
  code: 'validate-code',
  title: 'Validate a code in a value set',
  description: 'Whether a code is in a value set.',
  resource: ['ValueSet'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the value set, or ValueSet/[id].' },
    { name: 'valueSet', type: 'ValueSet', min: 0, max: '1', documentation: 'The value set itself.' },
    { name: 'valueSetVersion', type: 'string', min: 0, max: '1', documentation: 'Which version of the url.' },
    { name: 'system', type: 'uri', min: 0, max: '1', documentation: 'The system of the code.' },
    ...CODED.filter(({ name }) => name !== 'version'),
    { name: 'systemVersion', type: 'string', min: 0, max: '1', documentation: 'Taken; the value set decides.' },
  ],
  out: VERDICT,
  async handler(exchange, rooms) {
    const given = readGiven(exchange, validateCodeInValueSet)
    const terms = rooms.terminology.of(exchange.access)
    const codings = codingsGiven(given)
    const valueSet = await valueSetGiven(exchange, rooms, given)
    return toReply(await validateInValueSet(terms, valueSet, codings, optionsOf(given)))
  },
}

/** https://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
export const validateCodeInCodeSystem: Operation = {
  code: 'validate-code',
  title: 'Validate a code in a code system',
  description: 'Whether a code is in a code system.',
  resource: ['CodeSystem'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the code system.' },
    { name: 'codeSystem', type: 'CodeSystem', min: 0, max: '1', documentation: 'The code system itself.' },
    ...CODED,
  ],
  out: VERDICT,
  async handler(exchange, rooms) {
    const given = readGiven(exchange, validateCodeInCodeSystem)
    const codings = codingsGiven(given)
    const tree = await codeSystemGiven(exchange, rooms, given, {
      url: given.text('url') ?? codings[0]?.system,
      parameter: 'url',
    })
    return toReply(validateInCodeSystem(tree, codings, optionsOf(given)))
  },
}

function optionsOf(given: Given) {
  const language = given.text('displayLanguage')
  return { abstract: given.flag('abstract'), displayLanguages: language === undefined ? [] : [language] }
}

const toReply = ({ result, message, display }: Verdict): Reply =>
  parametersReply([
    { name: 'result', valueBoolean: result },
    { name: 'message', valueString: message },
    { name: 'display', valueString: display },
  ])
