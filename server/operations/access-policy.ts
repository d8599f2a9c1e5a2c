import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { POLICY, type Rule } from '../access/policy/policy.ts'
import { isSystem, permitsAct } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** $access-policy: who may do what to whose, as it is decided by now. @throws Refusal forbidden (who is no administrator) */
export const accessPolicy: Operation = {
  code: 'access-policy',
  title: 'The policy of access',
  description:
    'The rules by which access is decided, with their version: roles, resource types, interactions, relations, labels.',
  resource: ['Resource'],
  on: ['system'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    { name: 'version', type: 'string', min: 1, max: '1', documentation: 'Version of the policy.' },
    {
      ...{ name: 'rule', min: 1, max: '*', documentation: 'Rules add up; all of one must hold.' },
      part: [
        { name: 'id', type: 'code', min: 1, max: '1', documentation: 'Name of the rule, as $explain-access tells it.' },
        { name: 'role', type: 'code', min: 1, max: '1', documentation: 'Who.' },
        { name: 'type', type: 'code', min: 1, max: '*', documentation: 'Resource type, or name of a group of them.' },
        { name: 'except', type: 'code', min: 0, max: '*', documentation: 'Resource type that is left out.' },
        { name: 'letters', type: 'code', min: 1, max: '1', documentation: 'Of cruds, as in SMART scopes.' },
        { name: 'by', type: 'code', min: 1, max: '*', documentation: 'How they must have to do with the patient.' },
        { name: 'only', type: 'string', min: 0, max: '*', documentation: 'Search parameter that must match.' },
      ],
    },
    {
      ...{ name: 'label', min: 0, max: '*', documentation: 'A label that hides what bears it from all other roles.' },
      part: [
        { name: 'label', type: 'string', min: 1, max: '1', documentation: 'As system|code.' },
        { name: 'role', type: 'code', min: 1, max: '*', documentation: 'Who sees it all the same.' },
      ],
    },
    {
      ...{
        name: 'address',
        min: 0,
        max: '*',
        documentation: 'A degree of protection that keeps an address from all other roles.',
      },
      part: [
        { name: 'degree', type: 'code', min: 1, max: '1', documentation: 'fortrolig or strengtFortrolig.' },
        { name: 'role', type: 'code', min: 0, max: '*', documentation: 'Who sees it all the same.' },
      ],
    },
    {
      ...{ name: 'roleCode', min: 0, max: '*', documentation: 'What makes somebody one of a role.' },
      part: [
        { name: 'code', type: 'string', min: 1, max: '1', documentation: 'As system|code.' },
        { name: 'role', type: 'code', min: 1, max: '1', documentation: 'Which role.' },
      ],
    },
  ],
  async handler(exchange) {
    readGiven(exchange, accessPolicy)
    mustExplain(exchange.access)
    const { version, rules, labels, addresses, roleCodes } = POLICY
    return parametersReply([
      { name: 'version', valueString: version },
      ...rules.map((rule) => ({ name: 'rule', part: partsOf(rule) })),
      ...labels.map(({ label, roles }) => ({
        name: 'label',
        part: [{ name: 'label', valueString: label }, ...roles.map((role) => ({ name: 'role', valueCode: role }))],
      })),
      ...addresses.map(({ degree, roles }) => ({
        name: 'address',
        part: [{ name: 'degree', valueCode: degree }, ...roles.map((role) => ({ name: 'role', valueCode: role }))],
      })),
      ...roleCodes.map(({ code, role }) => ({
        name: 'roleCode',
        part: [
          { name: 'code', valueString: code },
          { name: 'role', valueCode: role },
        ],
      })),
    ])
  },
}

const partsOf = ({ id, role, types, except = [], letters, by, only = [] }: Rule): ParametersParameter[] => [
  { name: 'id', valueCode: id },
  { name: 'role', valueCode: role },
  ...types.map((type) => ({ name: 'type', valueCode: type })),
  ...except.map((type) => ({ name: 'except', valueCode: type })),
  { name: 'letters', valueCode: letters },
  ...by.map((one) => ({ name: 'by', valueCode: one })),
  ...only.map(([parameter, value]) => ({ name: 'only', valueString: `${parameter}=${value}` })),
]

/** An administrator, or a system whose scopes reach every AuditEvent. @throws Refusal forbidden */
export function mustExplain(access: Access): void {
  const isTrusted = isSystem(access) && access.scopes.some(({ type, letters }) => type === '*' && letters.includes('r'))
  if (!isTrusted && !permitsAct(access, 'explain-access')) {
    throw refuse('forbidden', 'Why access is given and refused is told to administrators.')
  }
}
