/** @see https://hl7.org/fhir/R4/valueset-assert-response-code-types.html */
const KINDS: Record<number, string> = {
  ...{ 200: 'okay', 201: 'created', 204: 'noContent', 304: 'notModified' },
  ...{ 400: 'bad', 403: 'forbidden', 404: 'notFound', 405: 'methodNotAllowed', 409: 'conflict', 410: 'gone' },
  ...{ 412: 'preconditionFailed', 422: 'unprocessable' },
}
/** What a TestScript calls a status; the number of one that has no name there. */
export const kindOf = (status: number): string => KINDS[status] ?? String(status)

/** Whether what was found is as a TestScript's operator has it to be. @see https://hl7.org/fhir/R4/valueset-assert-operator-codes.html */
export function holds(found: string | undefined, wanted: string | undefined, operator: string): boolean {
  if (operator === 'empty') return found === undefined || found === ''
  if (operator === 'notEmpty') return found !== undefined && found !== ''
  if (wanted === undefined) return found !== undefined
  const list = wanted.split(',')
  if (operator === 'notEquals') return found !== wanted
  if (operator === 'notIn') return found === undefined || !list.includes(found)
  if (operator === 'notContains') return !found?.includes(wanted)
  if (found === undefined) return false
  if (operator === 'in') return list.includes(found)
  if (operator === 'contains') return found.includes(wanted)
  if (operator === 'greaterThan') return Number(found) > Number(wanted)
  if (operator === 'lessThan') return Number(found) < Number(wanted)
  return found === wanted
}

/** What an OperationOutcome says, in short. */
export const diagnosticsOf = (body: unknown): string =>
  ((body as { issue?: { diagnostics?: string; code?: string }[] } | undefined)?.issue ?? [])
    .map(({ diagnostics, code }) => diagnostics ?? code)
    .join('; ')
    .slice(0, 300) || 'nothing'
