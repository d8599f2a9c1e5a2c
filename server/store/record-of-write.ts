import { agentOf } from '../audit/agent.ts'
import { patientsIn } from '../audit/patients-in.ts'
import type { AuditRecord } from '../audit/record.ts'
import { FINDING } from '../decide/vocabulary.ts'
import type { Row } from './statements.ts'

/** What the audit has of one write, in the transaction that makes it. */
export function recordOfWrite({ access, request, interaction, type, id, version, text, index }: Row): AuditRecord {
  return {
    code: interaction,
    agent: agentOf(access),
    ...request,
    what: [`${type}/${id}/_history/${version}`],
    patients: index.patient === null ? patientsIn({ type, id, text }) : [index.patient],
    ...(access.actor.startsWith('Device/') && text !== undefined ? causeOf(text) : {}),
  }
}

/** Why the engine wrote it: the plan that it follows, and the finding by which a Task can be asked about again. */
function causeOf(text: string): Pick<AuditRecord, 'plan' | 'decision'> {
  const plan = /"instantiatesCanonical":\[?"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  const decision = FINDING_VALUE.exec(text)?.[1]
  return { ...(plan ? { plan } : {}), ...(decision ? { decision } : {}) }
}

const FINDING_VALUE = new RegExp(`"system":"${FINDING.replace(/[.]/g, '\\.')}","value":"((?:[^"\\\\]|\\\\.)*)"`)
