import { refuse } from '../core/fhir/outcome.ts'
import { subsumes as relate } from '../terminology/subsumes.ts'
import { codeSystemGiven } from './code-system-given.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
export const subsumes: Operation = {
  code: 'subsumes',
  title: 'Whether a code holds another',
  description: 'How two codes of one code system stand to each other in its hierarchy.',
  resource: ['CodeSystem'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'codeA', type: 'code', min: 0, max: '1', documentation: 'The code that may hold the other.' },
    { name: 'codeB', type: 'code', min: 0, max: '1', documentation: 'The other code.' },
    { name: 'system', type: 'uri', min: 0, max: '1', documentation: 'The system of both.' },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Version of the system.' },
    { name: 'codingA', type: 'Coding', min: 0, max: '1', documentation: 'codeA with its system.' },
    { name: 'codingB', type: 'Coding', min: 0, max: '1', documentation: 'codeB with its system.' },
  ],
  out: [{ name: 'outcome', type: 'code', min: 1, max: '1', documentation: 'How codeA stands to codeB.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, subsumes)
    const [a, b] = [codeOf(given, 'A'), codeOf(given, 'B')]
    const [system, other] = [given.coding('codingA')?.system, given.coding('codingB')?.system]
    if (system !== undefined && other !== undefined && system !== other) {
      throw refuse('value', `The codes are of two systems, ${system} and ${other}.`, 'codingB')
    }
    const tree = await codeSystemGiven(exchange, rooms, given, {
      url: given.text('system') ?? system ?? other,
      parameter: 'system',
    })
    for (const [code, name] of [
      [a, 'codeA'],
      [b, 'codeB'],
    ] as const) {
      if (!tree.concept(code)) throw refuse('not-found', `The code ${code} is not in ${tree.url}.`, name)
    }
    return parametersReply([{ name: 'outcome', valueCode: relate(tree, a, b) }])
  },
}

function codeOf(given: Given, side: 'A' | 'B'): string {
  const code = given.text(`code${side}`) ?? given.coding(`coding${side}`)?.code
  if (code === undefined) throw refuse('required', `$subsumes needs code${side} or coding${side}.`, `code${side}`)
  return code
}
