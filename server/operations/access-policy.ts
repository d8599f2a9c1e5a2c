import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { type KeptPolicy, toKept } from '../access/policy/kept-policy.ts'
import { findVersion, keptVersions } from '../access/policy/kept-versions.ts'
import { POLICY, type Rule } from '../access/policy/policy.ts'
import { ruleInWords } from '../access/policy/rule-in-words.ts'
import { isSystem, permitsAct } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, type Parameter, part, parts } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const ROLES: Parameter = {
  name: 'role',
  type: 'code',
  min: 0,
  max: '*',
  documentation: 'Who may, or sees it all the same.',
}
/** As it stands in AuditEvent.agent.policy: this, a `|`, and the version. */
const POLICY_NAME = 'http://fylgje.no/fhir/access-policy'

/**
 * $access-policy: who may do what to whose, as it is decided by now, or as it was by a version that an AuditEvent names.
 * @throws Refusal forbidden (who is no administrator), not-found (no such version has been in force)
 */
export const accessPolicy: Operation = {
  code: 'access-policy',
  title: 'The policy of access',
  description:
    'The rules by which access is decided, with their version: roles, resource types, interactions, relations, labels, addresses, acts that are no matter of single resources, ages. Every version that has been in force can be read.',
  resource: ['Resource'],
  on: ['system'],
  letter: 'r',
  isOwn: true,
  in: [
    part(
      'version',
      'string',
      `Another one than what is in force; also as in AuditEvent.agent.policy: ${POLICY_NAME}|1.0.0.`,
    ),
  ],
  out: [
    { name: 'version', type: 'string', min: 1, max: '1', documentation: 'Version of the policy.' },
    { name: 'inForce', type: 'boolean', min: 1, max: '1', documentation: 'Whether this version decides now.' },
    { name: 'kept', type: 'string', min: 1, max: '*', documentation: 'Every version that can be read, oldest first.' },
    {
      ...{ name: 'rule', min: 1, max: '*', documentation: 'Rules add up; all of one must hold.' },
      part: [
        { name: 'id', type: 'code', min: 1, max: '1', documentation: 'Name of the rule, as $explain-access tells it.' },
        { name: 'text', type: 'string', min: 1, max: '1', documentation: 'The rule in words.' },
        { name: 'role', type: 'code', min: 1, max: '1', documentation: 'Who.' },
        { name: 'type', type: 'code', min: 1, max: '*', documentation: 'Resource type, or name of a group of them.' },
        { name: 'except', type: 'code', min: 0, max: '*', documentation: 'Resource type that is left out.' },
        { name: 'letters', type: 'code', min: 1, max: '1', documentation: 'Of cruds, as in SMART scopes.' },
        { name: 'by', type: 'code', min: 1, max: '*', documentation: 'How they must have to do with the patient.' },
        { name: 'only', type: 'string', min: 0, max: '*', documentation: 'Search parameter that must match.' },
        part('despiteRestrictions', 'boolean', 'True where what a patient has closed is seen all the same.'),
      ],
    },
    parts(
      'group',
      '*',
      'What a name of several types stands for; shared: what a patient/ scope may read of no patient.',
      [
        { name: 'name', type: 'code', min: 1, max: '1', documentation: 'As rules have it.' },
        { name: 'type', type: 'code', min: 0, max: '*', documentation: 'Resource type.' },
      ],
    ),
    parts('act', '*', 'What a role may do that is no matter of single resources.', [
      {
        name: 'act',
        type: 'code',
        min: 1,
        max: '1',
        documentation: 'Such as break-glass, export-audit, explain-access.',
      },
      ROLES,
    ]),
    parts('label', '*', 'A label that hides what bears it from all other roles.', [
      { name: 'label', type: 'string', min: 1, max: '1', documentation: 'As system|code.' },
      ROLES,
    ]),
    parts('address', '*', 'A degree of protection that keeps an address from all other roles.', [
      { name: 'degree', type: 'code', min: 1, max: '1', documentation: 'fortrolig or strengtFortrolig.' },
      ROLES,
    ]),
    parts('roleCode', '*', 'What makes somebody one of a role.', [
      { name: 'code', type: 'string', min: 1, max: '1', documentation: 'As system|code.' },
      { name: 'role', type: 'code', min: 1, max: '1', documentation: 'Which role.' },
    ]),
    parts('family', '1', 'Ages, in whole years, by which a parent or guardian sees less of their child.', [
      part('youthAge', 'integer', 'From here on what bears a label that hides it is kept from a parent.'),
      part('ofHealthAge', 'integer', 'From here on a parent sees what the youth grants, and no more.'),
    ]),
    parts('openings', '1', 'For how long a record, or what is closed in it, is opened at a time.', [
      part('minutesDefault', 'integer', 'Where nothing else is asked for.'),
      part('minutesMax', 'integer', 'At most.'),
      part('reasonCharsMin', 'integer', 'How many characters a reason has at least.'),
    ]),
  ],
  async handler(exchange, { definitions }) {
    const given = readGiven(exchange, accessPolicy)
    mustExplain(exchange.access)
    const asked = given.text('version')?.replace(`${POLICY_NAME}|`, '') ?? POLICY.version
    const isInForce = asked === POLICY.version
    const kept = await keptVersions()
    const policy = isInForce ? toKept(POLICY, definitions.resourceTypes) : await findVersion(asked)
    if (!policy) {
      throw refuse('not-found', `No version ${asked} has been in force; there are ${kept.join(', ')}.`, 'version')
    }
    return parametersReply(toParameters(policy, { isInForce, kept }))
  },
}

type Told = { isInForce: boolean; kept: string[] }

function toParameters(policy: KeptPolicy, { isInForce, kept }: Told): ParametersParameter[] {
  const { version, rules, groups, acts = [], labels, addresses = [], roleCodes, family, openings } = policy
  return [
    { name: 'version', valueString: version },
    { name: 'inForce', valueBoolean: isInForce },
    ...kept.map((valueString) => ({ name: 'kept', valueString })),
    ...rules.map((rule) => ({ name: 'rule', part: partsOf(rule) })),
    ...groups.map(({ name, types }) => ({
      name: 'group',
      part: [{ name: 'name', valueCode: name }, ...codes('type', types)],
    })),
    ...acts.map(({ act, roles }) => ({
      name: 'act',
      part: [{ name: 'act', valueCode: act }, ...codes('role', roles)],
    })),
    ...labels.map(({ label, roles }) => ({
      name: 'label',
      part: [{ name: 'label', valueString: label }, ...codes('role', roles)],
    })),
    ...addresses.map(({ degree, roles }) => ({
      name: 'address',
      part: [{ name: 'degree', valueCode: degree }, ...codes('role', roles)],
    })),
    ...roleCodes.map(({ code, role }) => ({
      name: 'roleCode',
      part: [
        { name: 'code', valueString: code },
        { name: 'role', valueCode: role },
      ],
    })),
    ...(family ? [{ name: 'family', part: numbers(family) }] : []),
    ...(openings ? [{ name: 'openings', part: numbers(openings) }] : []),
  ]
}

const codes = (name: string, values: readonly string[]): ParametersParameter[] =>
  values.map((valueCode) => ({ name, valueCode }))

const numbers = (values: Readonly<Record<string, number>>): ParametersParameter[] =>
  Object.entries(values).map(([name, valueInteger]) => ({ name, valueInteger }))

const partsOf = (rule: Rule): ParametersParameter[] => [
  { name: 'id', valueCode: rule.id },
  { name: 'text', valueString: ruleInWords(rule) },
  { name: 'role', valueCode: rule.role },
  ...codes('type', rule.types),
  ...codes('except', rule.except ?? []),
  { name: 'letters', valueCode: rule.letters },
  ...codes('by', rule.by),
  ...(rule.only ?? []).map(([parameter, value]) => ({ name: 'only', valueString: `${parameter}=${value}` })),
  ...(rule.despiteRestrictions ? [{ name: 'despiteRestrictions', valueBoolean: true }] : []),
]

/** An administrator, or a system whose scopes reach every AuditEvent. @throws Refusal forbidden */
export function mustExplain(access: Access): void {
  const isTrusted = isSystem(access) && access.scopes.some(({ type, letters }) => type === '*' && letters.includes('r'))
  if (!isTrusted && !permitsAct(access, 'explain-access')) {
    throw refuse('forbidden', 'Why access is given and refused is told to administrators.')
  }
}
