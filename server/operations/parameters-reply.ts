import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Reply } from '../exchange.ts'

/** A Parameters resource as the answer. Those without a value are left out. */
export function parametersReply(parameter: ParametersParameter[]): Reply {
  const shown = parameter.filter((one) =>
    Object.entries(one).some(([key, value]) => key !== 'name' && value !== undefined),
  )
  return { status: 200, text: JSON.stringify({ resourceType: 'Parameters', parameter: shown } satisfies Parameters) }
}
