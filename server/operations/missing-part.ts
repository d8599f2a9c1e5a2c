import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Issue } from '../core/fhir/outcome.ts'
import { type Parameter, part, parts } from './operation.ts'

/** Of an answer that has several parts, what could not be had. @param which parts there are */
export const missingPart = (which: string): Parameter =>
  parts('missing', '*', 'A part that could not be had.', [
    part('part', 'code', which),
    part('reason', 'string', 'Why.'),
    part('code', 'code', 'Of OperationOutcome.issue.code.'),
  ])

export const toMissing = ({ part: of, issue }: { part: string; issue: Issue }): ParametersParameter => ({
  name: 'missing',
  part: [
    { name: 'part', valueCode: of },
    { name: 'reason', valueString: issue.diagnostics },
    { name: 'code', valueCode: issue.code },
  ],
})
