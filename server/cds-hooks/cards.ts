import type {
  CarePlan,
  OperationOutcome,
  PlanDefinition,
  PlanDefinitionAction,
  RelatedArtifact,
  RequestGroup,
  RequestGroupAction,
} from '@medplum/fhirtypes'
import { colourIn } from '../core/decide/words/coded-words.ts'
import type { Language } from '../core/decide/words/language.ts'
import { sourceAsRead } from '../core/decide/words/source-as-read.ts'
import type { Told } from '../core/decide/words/told.ts'
import { translated } from '../core/decide/words/translated.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { standalone } from './standalone.ts'

/** https://hl7.org/fhir/R4/clinicalreasoning-cds-on-fhir.html, https://cds-hooks.hl7.org/2.0/#card-attributes */
export type Card = {
  uuid: string
  /** Shorter than 140 characters. */
  summary: string
  /** Markdown. */
  detail?: string
  indicator: Indicator
  source: { label: string; url?: string }
  suggestions?: Suggestion[]
  /** Wherever there are suggestions. */
  selectionBehavior?: 'at-most-one' | 'any'
  links?: { label: string; url: string; type: 'absolute' | 'smart' }[]
}
export type Indicator = 'info' | 'warning' | 'critical'
export type Suggestion = { label: string; uuid: string; isRecommended?: boolean; actions: SuggestedAction[] }
export type SuggestedAction = {
  type: 'create' | 'update' | 'delete'
  description: string
  resource?: Resource
  /** Of what is to be deleted. */
  resourceId?: string
}

export type CardFrame = {
  /** In which the cards are read. What an action says otherwise than its plan does was worked out, and stands as it is. */
  language: Language
  /** A UUID each time, by which the client gives feedback. */
  newId: () => string
}

const SUMMARY_LENGTH_MAX = 139

const NOT_EVALUATED: Told = {
  nb: 'Noe i beslutningsstøtten kunne ikke vurderes',
  nn: 'Noko i avgjerdsstøtta kunne ikkje vurderast',
  en: 'Something in the decision support could not be evaluated',
}
const PROPOSAL: Told = { nb: 'Forslag', nn: 'Forslag', en: 'Proposal' }

/**
 * The cards that a proposal is shown as: one for each action of the RequestGroup, its children the suggestions, what stands below them the
 * suggestion's actions. Pure; nothing is stored by showing it.
 * @param carePlan as `applyPlan` makes it for `hookedPlan`
 */
export function cardsOf(plan: PlanDefinition, carePlan: CarePlan, frame: CardFrame): Card[] {
  const proposal = new Proposal(plan, (carePlan.contained ?? []) as Resource[], frame)
  const group = carePlan.activity?.[0]?.reference?.reference
  return [...proposal.actionsOf(group).map((action) => proposal.cardOf(action)), ...proposal.troubles()]
}

class Proposal {
  private readonly plan: PlanDefinition
  private readonly contained: Resource[]
  private readonly language: Language
  private readonly newId: () => string
  private readonly planned: ReadonlyMap<string, PlanDefinitionAction>

  constructor(plan: PlanDefinition, contained: Resource[], { language, newId }: CardFrame) {
    this.plan = plan
    this.contained = contained
    this.language = language
    this.newId = newId
    this.planned = new Map(actionsOf(plan.action).flatMap((action) => (action.id ? [[action.id, action]] : [])))
  }

  cardOf(action: RequestGroupAction): Card {
    const { documentation = [] } = action
    const description = this.said(action, 'description')
    const suggestions = this.suggestionsOf(action)
    const [first, ...others] = documentation
    return {
      uuid: this.newId(),
      summary: shortened(this.labelOf(action)),
      ...(description ? { detail: description } : {}),
      indicator: this.indicatorOf(action),
      source: this.sourceOf(first),
      ...(suggestions.length > 0 ? { suggestions, selectionBehavior: choiceOf(action) } : {}),
      ...linksOf(others.map((one) => sourceAsRead(one, this.language))),
    }
  }

  /** What could not be evaluated is shown as well: a clinician must not take the lack of a card for a clean bill. */
  troubles(): Card[] {
    const outcomes = this.contained.filter(({ resourceType }) => resourceType === 'OperationOutcome')
    const issues = (outcomes as unknown as OperationOutcome[]).flatMap(({ issue }) => issue)
    if (issues.length === 0) return []
    return [
      {
        uuid: this.newId(),
        summary: NOT_EVALUATED[this.language],
        detail: issues.map(({ diagnostics }) => `- ${diagnostics}`).join('\n'),
        indicator: 'warning',
        source: this.sourceOf(undefined),
      },
    ]
  }

  /** Of a RequestGroup, by its reference. */
  actionsOf(reference: string | undefined): RequestGroupAction[] {
    const found = this.find(reference)
    return found?.resourceType === 'RequestGroup' ? ((found as unknown as RequestGroup).action ?? []) : []
  }

  private suggestionsOf(action: RequestGroupAction): Suggestion[] {
    const children = this.childrenOf(action)
    // Nothing below: the action is its own suggestion, if there is something to be done by it.
    const offered = children.length > 0 ? children : [action]
    if (isAllOrNothing(action) && children.length > 1) {
      const actions = children.flatMap((child) => this.actionsBelow(child))
      return actions.length > 0 ? [this.suggestion(action, actions)] : []
    }
    return offered.flatMap((child) => {
      const actions = this.actionsBelow(child)
      return actions.length > 0 || child !== action ? [this.suggestion(child, actions)] : []
    })
  }

  private suggestion(action: RequestGroupAction, actions: SuggestedAction[]): Suggestion {
    return {
      label: shortened(this.labelOf(action)),
      uuid: this.newId(),
      ...(action.precheckBehavior === 'yes' ? { isRecommended: true } : {}),
      actions,
    }
  }

  private actionsBelow(action: RequestGroupAction): SuggestedAction[] {
    return [...this.ownAction(action), ...this.childrenOf(action).flatMap((child) => this.actionsBelow(child))]
  }

  private ownAction(action: RequestGroupAction): SuggestedAction[] {
    const code = action.type?.coding?.find((one) => one.code)?.code
    const reference = action.resource?.reference
    const found = this.find(reference)
    if (!reference || found?.resourceType === 'RequestGroup' || code === 'fire-event') return []
    const description = this.said(action, 'description') ?? this.labelOf(action)
    // What is not contained in the proposal is stored already; it cannot be created, only changed or deleted.
    if (code === 'remove') return found ? [] : [{ type: 'delete', description, resourceId: reference }]
    if (!found) return []
    return [{ type: code === 'update' ? 'update' : 'create', description, resource: standalone(found, this.contained) }]
  }

  private childrenOf(action: RequestGroupAction): RequestGroupAction[] {
    return [...(action.action ?? []), ...this.actionsOf(action.resource?.reference)]
  }

  /** The colour of the rule, where it has one; else how urgent it is. */
  private indicatorOf(action: RequestGroupAction): Indicator {
    const colour = colourIn(action.code)
    if (colour === 'red') return 'critical'
    if (colour === 'yellow') return 'warning'
    const priority = action.priority ?? String(this.find(action.resource?.reference)?.priority ?? 'routine')
    return INDICATOR[priority] ?? 'info'
  }

  private sourceOf(documentation: RelatedArtifact | undefined): Card['source'] {
    const { plan, language } = this
    const url = documentation ? documentation.url : plan.url
    const said = documentation && nameOf(sourceAsRead(documentation, language))
    const title = translated(plan, 'title', language) ?? plan.name ?? String(plan.url)
    return { label: said ?? title, ...(url ? { url } : {}) }
  }

  private labelOf(action: RequestGroupAction): string {
    const own = (['title', 'textEquivalent', 'description'] as const).map((name) => this.said(action, name))
    return own.find((one) => one !== undefined) ?? action.code?.[0]?.text ?? action.id ?? PROPOSAL[this.language]
  }

  /** A text of an action; a proposal carries the plan's bokmål, and its translations stand in the plan. */
  private said(action: RequestGroupAction, name: 'title' | 'textEquivalent' | 'description'): string | undefined {
    const planned = this.planned.get(action.id ?? '')
    return planned && planned[name] === action[name] ? translated(planned, name, this.language) : action[name]
  }

  private find(reference: string | undefined): Resource | undefined {
    return reference?.startsWith('#') ? this.contained.find(({ id }) => `#${id}` === reference) : undefined
  }
}

const INDICATOR: Readonly<Record<string, Indicator>> = {
  ...{ routine: 'info', urgent: 'warning', asap: 'warning', stat: 'critical' },
}

/** What belongs together is one suggestion, for a card can only let choose between suggestions. */
const isAllOrNothing = ({ selectionBehavior }: RequestGroupAction): boolean =>
  selectionBehavior === 'all' || selectionBehavior === 'all-or-none'

/** CDS Hooks knows two ways to choose; that one must be chosen cannot be said there. */
const choiceOf = ({ selectionBehavior }: RequestGroupAction): NonNullable<Card['selectionBehavior']> =>
  selectionBehavior === 'exactly-one' || selectionBehavior === 'at-most-one' ? 'at-most-one' : 'any'

const actionsOf = (actions: PlanDefinitionAction[] = []): PlanDefinitionAction[] =>
  actions.flatMap((action) => [action, ...actionsOf(action.action)])

/** `label` comes last: it is what the plan itself refers to a source by, such as the number of a footnote or the letter of its kind. */
const nameOf = ({ display, citation, url, label }: RelatedArtifact): string | undefined =>
  display ?? citation ?? url ?? label

function linksOf(documentation: RelatedArtifact[]): Pick<Card, 'links'> {
  const links = documentation.flatMap((one) => {
    const { url } = one
    return url ? [{ label: nameOf(one) ?? url, url, type: 'absolute' as const }] : []
  })
  return links.length > 0 ? { links } : {}
}

function shortened(text: string): string {
  const [line = ''] = text.trim().split('\n')
  return line.length <= SUMMARY_LENGTH_MAX ? line : `${line.slice(0, SUMMARY_LENGTH_MAX - 1).trimEnd()}…`
}
