import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access, Part } from '../access/access.ts'
import { POLICY } from '../access/policy/policy.ts'
import { rulesFor } from '../access/policy/rules-for.ts'
import { parseScope, type ScopeLetter } from '../access/scopes.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Judgement, Ties } from '../store/store.ts'
import { mustExplain } from './access-policy.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const LETTERS: Record<string, ScopeLetter> = { create: 'c', read: 'r', update: 'u', delete: 'd', search: 's' }
const WHO = /^(?:Practitioner|PractitionerRole|Patient|RelatedPerson|Client)\/[A-Za-z0-9._~-]{1,64}$/
const WHAT = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/

/**
 * $explain-access: whether somebody may do something with a resource at this moment, and which rule, relation or restriction decides it.
 * @throws Refusal forbidden (who is no administrator), value, required
 */
export const explainAccess: Operation = {
  code: 'explain-access',
  title: 'Why access is given or refused',
  description:
    'For an administrator: whether somebody may do something with a resource now, by which rule and relation, or what stands against it.',
  resource: ['Resource'],
  on: ['system'],
  letter: 'r',
  isOwn: true,
  in: [
    {
      name: 'who',
      type: 'Reference',
      min: 1,
      max: '1',
      documentation: 'Practitioner, PractitionerRole, Patient, RelatedPerson, or Client/[id].',
    },
    { name: 'what', type: 'Reference', min: 1, max: '1', documentation: 'The resource, such as Observation/1.' },
    {
      name: 'interaction',
      type: 'code',
      min: 0,
      max: '1',
      documentation: `Of ${Object.keys(LETTERS).join(', ')}; read if it is left out.`,
    },
    {
      name: 'scope',
      type: 'string',
      min: 0,
      max: '*',
      documentation: 'SMART scope of the access; all that a person may have if none is given.',
    },
    {
      name: 'patient',
      type: 'Reference',
      min: 0,
      max: '1',
      documentation: 'The patient in context, for scopes patient/.',
    },
  ],
  out: [
    { name: 'decision', type: 'code', min: 1, max: '1', documentation: 'permit or deny.' },
    { name: 'because', type: 'string', min: 1, max: '*', documentation: 'What decided it, in words.' },
    { name: 'policyVersion', type: 'string', min: 1, max: '1', documentation: 'Version of the policy.' },
    { name: 'role', type: 'code', min: 0, max: '*', documentation: 'What the person is here.' },
    {
      name: 'grantee',
      type: 'string',
      min: 0,
      max: '*',
      documentation: 'As whom the person may have to do with a patient.',
    },
    { name: 'rule', type: 'code', min: 0, max: '*', documentation: 'Rule of the policy that is about this.' },
    {
      ...{ name: 'relation', min: 0, max: '*', documentation: 'How the person has to do with the patient now.' },
      part: [
        { name: 'kind', type: 'code', min: 1, max: '1', documentation: 'Which kind.' },
        { name: 'grantee', type: 'string', min: 1, max: '1', documentation: 'As whom.' },
        { name: 'source', type: 'Reference', min: 1, max: '1', documentation: 'What says so.' },
        { name: 'until', type: 'instant', min: 0, max: '1', documentation: 'When it ends.' },
      ],
    },
    {
      name: 'closedBy',
      type: 'Reference',
      min: 0,
      max: '*',
      documentation: 'Consent that closes something of the record to the person.',
    },
  ],
  async handler(exchange, rooms) {
    mustExplain(exchange.access)
    const given = readGiven(exchange, explainAccess)
    const who = given.text('who') ?? ''
    if (!WHO.test(who)) throw refuse('value', `who is a person or Client/[id], not ${who}.`, 'who')
    const [, type = '', id = ''] = WHAT.exec(given.text('what') ?? '') ?? []
    if (!rooms.definitions.resourceTypes.has(type))
      throw refuse('value', `what is a resource such as Observation/1.`, 'what')
    const interaction = given.text('interaction') ?? 'read'
    const letter = LETTERS[interaction]
    if (!letter)
      throw refuse(
        'value',
        `interaction is one of ${Object.keys(LETTERS).join(', ')}, not ${interaction}.`,
        'interaction',
      )
    const asked = accessOf(who, given.texts('scope'), given.text('patient'))
    const access = await rooms.standingOf(asked)
    const judgement = await rooms.store.judge(access, type, id, letter)
    const ties = await rooms.store.ties(access, judgement.patient ? [judgement.patient] : [])
    return parametersReply(toParameters({ access, type, letter, judgement, ties }))
  },
}

function accessOf(who: string, scopes: string[], patient: string | undefined): Access {
  const level = who.startsWith('Client/') ? 'system' : who.startsWith('Patient/') ? 'patient' : 'user'
  const parsed = (scopes.length > 0 ? scopes : [`${level}/*.cruds`]).map((text) => {
    const scope = parseScope(text)
    if (!scope) throw refuse('value', `${text} is no SMART scope.`, 'scope')
    return scope
  })
  const context = patient?.replace(/^Patient\//, '') ?? (level === 'patient' ? who.slice('Patient/'.length) : undefined)
  return { actor: who, clientId: 'explain-access', scopes: parsed, ...(context ? { patient: context } : {}) }
}

type Explained = { access: Access; type: string; letter: ScopeLetter; judgement: Judgement; ties: Ties }

function toParameters({ access, type, letter, judgement, ties }: Explained): ParametersParameter[] {
  const { roles = [], grantees = [] } = access.standing ?? {}
  const rules = access.standing ? rulesFor(roles, type, letter) : []
  return [
    { name: 'decision', valueCode: judgement.isWithin ? 'permit' : 'deny' },
    ...reasons({ access, type, letter, judgement, ties }).map((because) => ({ name: 'because', valueString: because })),
    { name: 'policyVersion', valueString: POLICY.version },
    ...roles.map((role) => ({ name: 'role', valueCode: role })),
    ...grantees.map((grantee) => ({ name: 'grantee', valueString: grantee })),
    ...rules.map(({ id }) => ({ name: 'rule', valueCode: id })),
    ...ties.relations.map(({ kind, grantee, source, to }) => ({
      name: 'relation',
      part: [
        { name: 'kind', valueCode: kind },
        { name: 'grantee', valueString: grantee },
        { name: 'source', valueReference: { reference: source } },
        ...(to ? [{ name: 'until', valueInstant: to }] : []),
      ],
    })),
    ...ties.closedBy.map((reference) => ({ name: 'closedBy', valueReference: { reference } })),
  ]
}

/** What decided it, the nearest miss first: a part of the reach of which most holds. */
function reasons({ access, type, letter, judgement, ties }: Explained): string[] {
  if (!judgement.isThere) return ['There is no such resource now.']
  if (judgement.reach === 'none') {
    const rules = access.standing ? rulesFor(access.standing.roles, type, letter) : []
    if (access.standing && rules.length === 0)
      return [`No rule lets ${access.standing.roles.join(', ') || 'somebody without a role'} do this to a ${type}.`]
    return ['The scopes of the access do not allow it.']
  }
  if (judgement.isWithin) {
    const by = ties.relations.map(({ kind, source }) => `${kind} (${source})`)
    return [by.length > 0 ? `It is within the reach, by ${by.join(', ')}.` : 'It is within the reach.']
  }
  const nearest = judgement.parts.toSorted((one, other) => held(other) - held(one))[0]
  if (!nearest) return ['It is outside of the patient in context.']
  return misses(nearest)
}

type PartJudgement = Judgement['parts'][number]

const held = ({ whose, context, labels, open, released, filters }: PartJudgement): number =>
  [whose, context, labels, open, released, filters].filter(Boolean).length

/** Why a patient has closed something is theirs: it is told that they have, and nothing of what their Consent says. */
function misses({ part, whose, context, labels, open, released, filters }: PartJudgement): string[] {
  return [
    ...(whose ? [] : [`There is no relation to the patient now that lets it: ${wanted(part)}.`]),
    ...(context ? [] : ['It is not in the patient context of the scope.']),
    ...(labels ? [] : [`It has a label that the roles do not see: one of ${part.hiddenLabels.join(', ')}.`]),
    ...(open ? [] : ['The patient has closed it to the person (sperring).']),
    ...(released
      ? []
      : [
          'Its release to the patient and the family is delayed by a label of it; the patient has not closed it by that.',
        ]),
    ...(filters
      ? []
      : [
          `It does not match ${part.filters.map((query) => query.map(([name, value]) => `${name}=${value}`).join('&')).join(' and ')}.`,
        ]),
  ]
}

const wanted = ({ whose }: Part): string => (whose.kind === 'related' ? whose.relations.join(', ') : whose.kind)
