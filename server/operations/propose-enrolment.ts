import { engineAccess } from '../access/engine-access.ts'
import { applyPlan } from '../core/apply/apply.ts'
import { openProposal } from '../core/apply/edited-proposal.ts'
import { withoutRules } from '../core/apply/without-rules.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import type { ProposeEnrolment } from '../plans/enrolment-move.ts'
import { planFacts } from './apply.ts'

const ACCESS = engineAccess('plan-life')

/**
 * What a plan proposes for a patient when nobody asks: as `$enrol` would see it, with the access of the keeper of plans.
 * @throws Refusal as `$apply` does
 */
export const proposeEnrolment =
  (rooms: () => Rooms): ProposeEnrolment =>
  async (plan, patient) => {
    const exchange: Exchange = {
      ...{ access: ACCESS, origin: {}, type: 'PlanDefinition', id: plan, versionId: '', headers: {}, body: undefined },
      query: new URLSearchParams({ subject: `Patient/${patient}` }),
    }
    const [facts] = await planFacts(exchange, rooms())
    if (!facts) throw refuse('not-found', `There is no Patient/${patient}.`, 'subject')
    const proposal = await rooms().expressions.settle((evaluate) => applyPlan({ ...facts, evaluate }), facts.ground)
    return withoutRules(openProposal(proposal), facts.plan, facts.find)
  }
