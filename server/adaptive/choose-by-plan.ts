import type { QuestionnaireResponse } from '@medplum/fhirtypes'
import { allRules, type CompiledPlan, type Rule } from '../core/decide/plan/compile-plan.ts'
import { evaluateCondition } from '../core/decide/plan/condition.ts'
import { select } from '../core/decide/plan/data-requirement.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type Asking, type Choose, variablesOf } from './next-question.ts'

export type PlanAsking = Omit<Asking, 'choose'> & {
  plan: CompiledPlan
  /** What the inputs of its actions look back at. */
  history: Resource[]
}

/**
 * The next question as a plan chooses it: its actions are gone through in order, and the first that applies and names a question that is open
 * (`code` of the system that the form's url is) says which. One that applies and names none ends the form, and so does a plan of
 * which no action applies.
 * @throws Refusal processing, for a condition that cannot be evaluated; the expression names the action
 */
export function chooseByPlan(asking: PlanAsking): Choose {
  const questions = new Map(allRules(asking.plan.rules).map((rule) => [rule, questionOf(rule, asking.form.url)]))
  return (open) => {
    /** @returns what is asked, `null` for the end, undefined where none of these has anything to say */
    const among = (rules: Rule[]): string | null | undefined => {
      for (const rule of rules) {
        const said = applies(rule, asking) ? (rule.children.length > 0 ? among(rule.children) : named(rule)) : undefined
        if (said !== undefined) return said
      }
      return undefined
    }
    const named = (rule: Rule): string | null | undefined => {
      const question = questions.get(rule)
      if (question === undefined) return null
      return open.includes(question) ? question : undefined
    }
    return among(asking.plan.rules) ?? undefined
  }
}

const questionOf = ({ action }: Rule, form: string | undefined): string | undefined =>
  (action.code ?? []).flatMap(({ coding = [] }) => coding).find(({ system }) => system === form)?.code

function applies(rule: Rule, { response, history, now, evaluate, plan, ...asking }: PlanAsking): boolean {
  const inputs = rule.inputs.flatMap((input) => (input.id ? [[input.id, select(history, input, now)] as const] : []))
  const variables = {
    ...{ ...variablesOf(response, asking), context: plan.definition },
    ...Object.fromEntries(inputs),
  }
  return rule.conditions.every((condition) => {
    const trace = evaluateCondition(condition, focusOf(response), variables, {}, { now, evaluate })
    if (trace.outcome !== 'unevaluable') return trace.outcome === 'true'
    const said = `Action '${rule.id}' cannot say whether its question is next: ${trace.problem?.en}.`
    throw refuse('processing', said, `PlanDefinition.action.where(id = '${rule.id}')`)
  })
}

const focusOf = (response: QuestionnaireResponse) => response as unknown as Resource
