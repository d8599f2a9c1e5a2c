import { type ExampleStep, type OperationExample, parameters } from './operation-example.ts'

const COPD = 'http://fylgje.no/fhir/PlanDefinition/copd'
/** Of the plans that the examples make for themselves. */
const urlOf = (name: string) => `http://example.org/fhir/PlanDefinition/${name}`
const reason = (valueString: string) => ({ name: 'reason', valueString })
const share = (valueInteger: number) => ({ name: 'share', valueInteger })

const act = (plan: string, code: string, ...given: object[]): ExampleStep => ({
  method: 'POST',
  path: `PlanDefinition/{{${plan}.id}}/$${code}`,
  ...(given.length > 0 ? { body: parameters(...given) } : {}),
})
/** With the parts that rest on a proposal: those for COPD have some. */
const approve = (plan: string): ExampleStep => ({
  ...act(plan, 'approve', { name: 'proposals', valueBoolean: true }),
  as: 'nurse',
})

/** A plan of its own, copied from the one for COPD, so that the examples leave that one as it is. */
const clone = (name: string, title = 'KOLS, prøveutgave'): ExampleStep => ({
  name: 'clone',
  method: 'POST',
  path: 'PlanDefinition/copd/$clone',
  body: parameters({ name: 'url', valueUri: urlOf(name) }, { name: 'title', valueString: title }),
})
const approved = (plan: string): ExampleStep[] => [act(plan, 'submit'), approve(plan)]
const inForce = (name: string): ExampleStep[] => [clone(name), ...approved('clone'), act('clone', 'activate')]
/** The version after one that is in force, approved. */
const nextApproved = (name: string): ExampleStep[] => [
  ...inForce(name),
  { ...act('clone', 'draft', { name: 'part', valueCode: 'minor' }), name: 'draft' },
  ...approved('draft'),
]
/** Somebody who is in the version before. */
const follower = (name: string): ExampleStep => ({
  method: 'PUT',
  path: `CarePlan/${name}`,
  body: {
    resourceType: 'CarePlan',
    id: name,
    status: 'active',
    intent: 'plan',
    instantiatesCanonical: [`${urlOf(name)}|0.1.0`],
    subject: { reference: 'Patient/demo-line' },
    period: { start: '{{today}}' },
    careTeam: [{ reference: 'CareTeam/demo-responssenter' }],
  },
})

const redBelow = (value: number) => ({
  extension: [
    {
      url: 'http://fylgje.no/fhir/StructureDefinition/limit',
      extension: [
        { url: 'zone', valueCode: 'red' },
        { url: 'side', valueCode: 'low' },
      ],
    },
  ],
  measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
  detailQuantity: { value, comparator: '<', unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})

/** By the id of the OperationDefinition. */
export const PLAN_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'PlanDefinition-draft': [
    {
      title: 'The next version of the plan for COPD, to be worked on; the one in force stays as it is.',
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/copd/$draft' },
        body: parameters({ name: 'version', valueString: '9.0.0' }),
      },
      response: {
        status: 201,
        body: {
          ...{ resourceType: 'PlanDefinition', url: COPD, version: '9.0.0', status: 'draft' },
          relatedArtifact: [{ type: 'predecessor', resource: '…' }],
        },
      },
    },
    {
      title: 'A version that is not the later one is refused.',
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/copd/$draft' },
        body: parameters({ name: 'version', valueString: '0.9.0' }),
      },
      response: { status: 400, body: { resourceType: 'OperationOutcome', issue: [{ code: 'value' }] } },
    },
  ],
  'PlanDefinition-clone': [
    {
      title: 'A plan of one’s own that begins as a copy, with its cases.',
      request: clone('asthma', 'Astma'),
      response: {
        status: 201,
        body: {
          ...{
            resourceType: 'PlanDefinition',
            url: urlOf('asthma'),
            version: '0.1.0',
            title: 'Astma',
            status: 'draft',
          },
          relatedArtifact: [{ type: 'derived-from', resource: '…' }],
        },
      },
    },
  ],
  'PlanDefinition-diff': [
    {
      title: 'A hospital’s own plan against the region’s that it is derived from.',
      before: [clone('hospital', 'KOLS i Tromsø')],
      request: { method: 'GET', path: 'PlanDefinition/{{clone.id}}/$diff' },
      response: {
        status: 200,
        body: parameters(
          { name: 'from', valueCanonical: '…' },
          { name: 'to', valueCanonical: `${urlOf('hospital')}|0.1.0` },
          {
            name: 'difference',
            part: [
              { name: 'kind', valueCode: 'plan' },
              { name: 'about', valueString: 'title' },
              { name: 'change', valueCode: 'changed' },
              { name: 'before', valueString: '…' },
              { name: 'after', valueString: 'KOLS i Tromsø' },
            ],
          },
        ),
      },
    },
  ],
  'PlanDefinition-refine': [
    {
      title: 'A hospital’s own plan, put on the version of the region’s template that came after it was derived.',
      before: [
        ...inForce('region'),
        { ...act('clone', 'clone', { name: 'url', valueUri: urlOf('refined') }), name: 'local' },
        { ...act('clone', 'draft', { name: 'part', valueCode: 'minor' }), name: 'draft' },
        ...approved('draft'),
        act('draft', 'activate'),
      ],
      request: act('local', 'refine'),
      response: {
        status: 200,
        body: parameters({
          name: 'return',
          resource: {
            ...{ resourceType: 'PlanDefinition', url: urlOf('refined'), version: '0.2.0', status: 'draft' },
            relatedArtifact: [
              { type: 'predecessor', resource: `${urlOf('refined')}|0.1.0` },
              { type: 'derived-from', resource: `${urlOf('region')}|0.2.0` },
            ],
          },
        }),
      },
    },
  ],
  'PlanDefinition-test': [
    {
      title: 'The cases of the plan for COPD, played.',
      request: { method: 'POST', path: 'PlanDefinition/copd/$test' },
      response: {
        status: 200,
        body: parameters(
          { name: 'passed', valueBoolean: true },
          {
            name: 'case',
            part: [
              { name: 'name', valueString: 'borderline-red' },
              { name: 'title', valueString: '…' },
              { name: 'passed', valueBoolean: true },
            ],
          },
          {
            name: 'rule',
            part: [
              { name: 'action', valueString: 'spo2-red' },
              { name: 'fires', valueBoolean: true },
              { name: 'spares', valueBoolean: true },
            ],
          },
        ),
      },
    },
  ],
  'PlanDefinition-submit': [
    {
      title: 'Its author is done: everything that would stand against its activation is looked at.',
      before: [clone('submit')],
      request: act('clone', 'submit'),
      response: { status: 200, body: { resourceType: 'PlanDefinition', status: 'draft', url: urlOf('submit') } },
    },
    {
      title: 'What is in force is no draft.',
      request: { method: 'POST', path: 'PlanDefinition/copd/$submit' },
      response: {
        status: 409,
        body: {
          resourceType: 'OperationOutcome',
          issue: [{ code: 'conflict', expression: ['PlanDefinition.status'] }],
        },
      },
    },
  ],
  'PlanDefinition-approve': [
    {
      title: 'A second person, who has written no part of it, approves what was submitted.',
      before: [clone('approve'), act('clone', 'submit')],
      request: approve('clone'),
      response: { status: 200, body: { resourceType: 'PlanDefinition', status: 'draft', url: urlOf('approve') } },
    },
    {
      title: 'What rests on a proposal of its author’s must have been looked at: the refusal names each.',
      before: [clone('approve-proposals'), act('clone', 'submit')],
      request: { ...act('clone', 'approve'), as: 'nurse' },
      response: { status: 422, body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule' }] } },
    },
    {
      title: 'A system is no second person.',
      before: [clone('approve-system'), act('clone', 'submit')],
      request: act('clone', 'approve'),
      response: { status: 403, body: { resourceType: 'OperationOutcome', issue: [{ code: 'forbidden' }] } },
    },
  ],
  'PlanDefinition-activate': [
    {
      title: 'An approved version comes into force at once.',
      before: [clone('activate'), ...approved('clone')],
      request: act('clone', 'activate'),
      response: {
        status: 200,
        body: { resourceType: 'PlanDefinition', status: 'active', url: urlOf('activate'), approvalDate: '…' },
      },
    },
    {
      title: 'Or at a time; until then it stays a draft.',
      before: [clone('activate-later'), ...approved('clone')],
      request: act('clone', 'activate', { name: 'at', valueDateTime: '{{in 2 days}}' }),
      response: { status: 200, body: { resourceType: 'PlanDefinition', status: 'draft' } },
    },
    {
      title: 'What nobody has approved does not come into force.',
      before: [clone('activate-unapproved')],
      request: act('clone', 'activate'),
      response: { status: 422, body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule' }] } },
    },
  ],
  'PlanDefinition-stage': [
    {
      title: 'A version that five in a hundred have goes on to half of the patients.',
      before: [...nextApproved('stage'), act('draft', 'activate', share(5))],
      request: act('draft', 'stage', share(50)),
      response: { status: 200, body: { resourceType: 'PlanDefinition', status: 'active', version: '0.2.0' } },
    },
  ],
  'PlanDefinition-roll-back': [
    {
      title: 'Out of force, and the version before back in it.',
      before: [...nextApproved('roll-back'), act('draft', 'activate')],
      request: act('draft', 'roll-back', reason('For mange gule oppgaver.')),
      response: { status: 200, body: { resourceType: 'PlanDefinition', status: 'retired', version: '0.2.0' } },
    },
  ],
  'PlanDefinition-migrate': [
    {
      title: 'What would change for whom, before anybody is moved.',
      before: [...nextApproved('dry-run'), follower('dry-run'), act('draft', 'activate')],
      request: act('draft', 'migrate', { name: 'dryRun', valueBoolean: true }),
      response: {
        status: 200,
        body: parameters(
          { name: 'from', valueCanonical: `${urlOf('dry-run')}|0.1.0` },
          { name: 'to', valueCanonical: `${urlOf('dry-run')}|0.2.0` },
          { name: 'total', valueInteger: 1 },
          { name: 'enrolment', part: [{ name: 'carePlan', valueReference: { reference: 'CarePlan/dry-run' } }] },
        ),
      },
    },
    {
      title: 'The running enrolments are moved; the Task tells how far it is.',
      before: [...nextApproved('migrate'), follower('migrate'), act('draft', 'activate')],
      request: act('draft', 'migrate', reason('Ny versjon av forløpet.')),
      response: { status: 200, body: { resourceType: 'Task', status: 'completed' } },
    },
  ],
  'PlanDefinition-undo-migration': [
    {
      title: 'Everybody back where they were.',
      before: [...nextApproved('undo'), follower('undo'), act('draft', 'activate'), act('draft', 'migrate')],
      request: act('draft', 'undo-migration'),
      response: { status: 200, body: { resourceType: 'Task', status: 'completed' } },
    },
  ],
  'PlanDefinition-export-package': [
    {
      title: 'The plan with all that it names, as a FHIR package.',
      request: { method: 'GET', path: 'PlanDefinition/copd/$export-package' },
      response: { status: 200, body: { resourceType: 'Binary', contentType: 'application/gzip', data: '…' } },
    },
    {
      title: 'The same as a Bundle, with its signature: a detached JWS, whose key is at /auth/package-keys.',
      request: { method: 'GET', path: 'PlanDefinition/copd/$export-package?form=bundle' },
      response: {
        status: 200,
        body: {
          ...{
            resourceType: 'Bundle',
            type: 'collection',
            entry: [{ resource: { resourceType: 'PlanDefinition', id: 'copd' } }],
          },
          signature: {
            type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.14' }],
            ...{ sigFormat: 'application/jose', data: '…' },
          },
        },
      },
    },
  ],
  'PlanDefinition-import-package': [
    {
      title: 'What a package holds becomes drafts; what is here already is left as it is.',
      before: [{ name: 'package', method: 'GET', path: 'PlanDefinition/copd/$export-package' }],
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/$import-package' },
        body: parameters({
          name: 'package',
          resource: { resourceType: 'Binary', contentType: 'application/gzip', data: '{{package.data}}' },
        }),
      },
      response: {
        status: 200,
        body: parameters(
          { name: 'plan', valueReference: { reference: 'PlanDefinition/copd' } },
          { name: 'unchanged', valueReference: { reference: 'PlanDefinition/copd' } },
        ),
      },
    },
  ],
  'PlanDefinition-simulate': [
    {
      title:
        'The plan for COPD, played over the last ten days of one person: what it would have made, beside what was made.',
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/copd/$simulate' },
        body: parameters(
          { name: 'subject', valueReference: { reference: 'Patient/demo-line' } },
          { name: 'start', valueInstant: '{{10 days ago}}' },
        ),
      },
      response: {
        status: 200,
        body: parameters(
          { name: 'plan', valueCanonical: '…' },
          { name: 'period', valuePeriod: { start: '…', end: '…' } },
          { name: 'patients', valueInteger: 1 },
        ),
      },
    },
    {
      title: 'What has not happened yet cannot be played.',
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/copd/$simulate' },
        body: parameters({ name: 'end', valueInstant: '{{in 2 days}}' }),
      },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'value', expression: ['end'] }] },
      },
    },
  ],
  'PlanDefinition-shadow': [
    {
      title: 'The next version of a plan begins to run in shadow beside the one in force.',
      before: nextApproved('example-shadow'),
      request: { method: 'POST', path: 'PlanDefinition/{{draft.id}}/$shadow' },
      response: { status: 200, body: { resourceType: 'PlanDefinition', status: 'draft', version: '0.2.0' } },
    },
    {
      title: 'What is in force has no need of a shadow.',
      request: { method: 'POST', path: 'PlanDefinition/copd/$shadow' },
      response: { status: 409, body: { resourceType: 'OperationOutcome', issue: [{ code: 'conflict' }] } },
    },
  ],
  'PlanDefinition-shadow-report': [
    {
      title: 'What a version in shadow would have done since it began.',
      before: [...nextApproved('example-report'), act('draft', 'shadow')],
      request: { method: 'GET', path: 'PlanDefinition/{{draft.id}}/$shadow-report' },
      response: {
        status: 200,
        body: parameters(
          { name: 'plan', valueCanonical: '…' },
          { name: 'period', valuePeriod: { start: '…', end: '…' } },
        ),
      },
    },
  ],
  'CarePlan-simulate': [
    {
      title: 'What a higher red limit would have meant for one person in the last thirty days.',
      request: {
        ...{ method: 'POST', path: 'CarePlan/demo-line-kols/$simulate' },
        body: parameters({
          name: 'goal',
          resource: {
            resourceType: 'Goal',
            lifecycleStatus: 'active',
            description: { text: 'Rød under 91 %' },
            subject: { reference: 'Patient/demo-line' },
            target: [redBelow(91)],
          },
        }),
      },
      response: { status: 200, body: parameters({ name: 'patients', valueInteger: 1 }) },
    },
  ],
  'PlanDefinition-rule-rates': [
    {
      title: 'How often each rule spoke in the last thirty days, and what came of it.',
      request: { method: 'GET', path: 'PlanDefinition/copd/$rule-rates' },
      response: {
        status: 200,
        body: { resourceType: 'MeasureReport', status: 'complete', type: 'summary', period: { start: '…', end: '…' } },
      },
    },
  ],
  'SearchParameter-reindex-status': [
    {
      title: 'A search parameter of one’s own, stored while there are resources already: how many are indexed for it.',
      before: [
        {
          method: 'PUT',
          path: 'SearchParameter/example-nickname',
          body: {
            resourceType: 'SearchParameter',
            id: 'example-nickname',
            url: 'http://example.org/fhir/SearchParameter/example-nickname',
            name: 'Nickname',
            status: 'active',
            description: 'What somebody is called by friends.',
            code: 'nickname',
            base: ['Practitioner'],
            type: 'string',
            expression: "Practitioner.name.where(use = 'nickname').given",
          },
        },
      ],
      request: { method: 'GET', path: 'SearchParameter/example-nickname/$reindex-status' },
      response: {
        status: 200,
        body: parameters(
          { name: 'finished', valueBoolean: '…' },
          {
            name: 'type',
            part: [
              { name: 'name', valueCode: 'Practitioner' },
              { name: 'code', valueCode: 'nickname' },
            ],
          },
        ),
      },
    },
  ],
}
