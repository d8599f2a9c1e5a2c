import { agentOf } from '../audit/agent.ts'
import { patientsIn } from '../audit/patients-in.ts'
import type { AuditRecord } from '../audit/record.ts'
import { FINDING, TRIAGE } from '../core/decide/plan/vocabulary.ts'
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

/** Why the engine wrote it: the plan that it follows, and the finding or the triage by which it can be asked about again. */
function causeOf(text: string): Pick<AuditRecord, 'plan' | 'decision'> {
  const plan = PLAN.exec(text)?.[1]
  const decision = DECISION.exec(text)?.[1]
  return { ...(plan ? { plan } : {}), ...(decision ? { decision } : {}) }
}

/** A triage names its plan as the protocol of a ClinicalImpression. */
const PLAN = /"(?:instantiatesCanonical|protocol)":\[?"((?:[^"\\]|\\.)*)"/
const NAMES = [FINDING, TRIAGE].map((system) => system.replace(/[.]/g, '\\.')).join('|')
const DECISION = new RegExp(`"system":"(?:${NAMES})","value":"((?:[^"\\\\]|\\\\.)*)"`)
