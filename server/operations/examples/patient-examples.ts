import { type ExampleStep, type OperationExample, parameters } from './operation-example.ts'

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const LIMIT = 'http://fylgje.no/fhir/StructureDefinition/limit'
const COPD = 'http://fylgje.no/fhir/PlanDefinition/copd'
const LINE = { name: 'subject', valueString: 'Patient/demo-line' }

const person = (id: string): ExampleStep => ({
  method: 'PUT',
  path: `Patient/${id}`,
  body: { resourceType: 'Patient', id, name: [{ text: 'Ola Eksempel' }] },
})
/** Somebody who is followed by the plan for COPD. */
const followed = (id: string, plan = COPD): ExampleStep[] => [
  person(id),
  {
    method: 'PUT',
    path: `CarePlan/${id}`,
    body: {
      resourceType: 'CarePlan',
      id,
      status: 'active',
      intent: 'plan',
      instantiatesCanonical: [plan],
      subject: { reference: `Patient/${id}` },
      period: { start: '{{today}}' },
      careTeam: [{ reference: 'CareTeam/demo-responssenter' }],
    },
  },
]
const percent = (value: number) => ({ value, unit: '%', system: UCUM, code: '%' })
const SPO2 = { coding: [{ system: LOINC, code: '59408-5' }], text: 'SpO2' }
const measured = (id: string, value: number): ExampleStep => ({
  method: 'PUT',
  path: `Observation/${id}`,
  body: {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: SPO2,
    subject: { reference: `Patient/${id}` },
    effectiveDateTime: '{{1 minute ago}}',
    valueQuantity: percent(value),
  },
})
const low = (zone: string, value: number) => ({
  extension: [
    {
      url: LIMIT,
      extension: [
        { url: 'zone', valueCode: zone },
        { url: 'side', valueCode: 'low' },
      ],
    },
  ],
  measure: SPO2,
  detailQuantity: { ...percent(value), comparator: '<' },
})
const limits = (id: string, yellow: number, red: number) => ({
  ...({ method: 'POST', path: `CarePlan/${id}/$set-limits` } as const),
  body: parameters(
    {
      name: 'goal',
      resource: {
        resourceType: 'Goal',
        lifecycleStatus: 'active',
        description: { text: 'Egne grenser for SpO2' },
        subject: { reference: `Patient/${id}` },
        target: [low('yellow', yellow), low('red', red)],
      },
    },
    { name: 'reason', valueString: 'Stabil på lavere nivå etter innleggelsen.' },
  ),
})

/** A plan with one rule, which a named event wakes. */
const listening: ExampleStep = {
  method: 'PUT',
  path: 'PlanDefinition/example-discharge',
  body: {
    resourceType: 'PlanDefinition',
    id: 'example-discharge',
    url: 'http://example.org/fhir/PlanDefinition/discharge',
    version: '1.0.0',
    title: 'Etter utskrivning',
    status: 'active',
    action: [
      {
        id: 'call',
        title: 'Ring pasienten i dag',
        code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code: 'yellow' }] }],
        trigger: [{ type: 'named-event', name: 'discharged' }],
      },
    ],
  },
}
const DISCHARGE = 'http://example.org/fhir/PlanDefinition/discharge|1.0.0'
const discharged = [
  { name: 'name', valueString: 'discharged' },
  { name: 'key', valueString: 'sykehus-4711' },
]
const EVENT = {
  status: 201,
  body: { resourceType: 'Basic', code: { coding: [{ code: 'discharged' }] }, subject: { reference: '…' } },
}

const STAGED = 'http://example.org/fhir/PlanDefinition/staged'
/** A plan with two stages, the first of which is to be over in two weeks. */
const staged: ExampleStep = {
  method: 'PUT',
  path: 'PlanDefinition/example-staged',
  body: {
    resourceType: 'PlanDefinition',
    id: 'example-staged',
    url: STAGED,
    version: '1.0.0',
    title: 'Etter innleggelse',
    status: 'active',
    action: [
      {
        id: 'close',
        title: 'Tett oppfølging',
        extension: [
          {
            url: 'http://fylgje.no/fhir/StructureDefinition/stage',
            extension: [{ url: 'deadline', valueDuration: { value: 2, unit: 'uker', system: UCUM, code: 'wk' } }],
          },
        ],
      },
      {
        id: 'steady',
        title: 'Stabil',
        extension: [
          {
            url: 'http://fylgje.no/fhir/StructureDefinition/stage',
            extension: [{ url: 'kind', valueCode: 'primary' }],
          },
        ],
      },
    ],
  },
}
const toStage = (id: string, to: string) => ({
  ...({ method: 'POST', path: `CarePlan/${id}/$move-stage` } as const),
  body: parameters({ name: 'to', valueId: to }, { name: 'reason', valueString: 'Stabil i fjorten dager' }),
})

const holiday = (id: string) => ({
  ...({ method: 'POST', path: `CarePlan/${id}/$plan-change` } as const),
  body: parameters(
    { name: 'at', valueInstant: '{{in 2 days}}' },
    { name: 'until', valueInstant: '{{in 9 days}}' },
    { name: 'status', valueCode: 'on-hold' },
    { name: 'reason', valueString: 'Ferie' },
  ),
})

/** By the id of the OperationDefinition. */
const NURSING = 'http://example.org/CodeSystem/skill'
/** Two units, each for one municipality, and somebody who lives in the first. */
const servedBy = (id: string): ExampleStep[] => [
  ...['fjordvik', 'granli'].flatMap((place): ExampleStep[] => [
    {
      ...{ method: 'PUT', path: `Location/example-${place}` },
      body: {
        ...{ resourceType: 'Location', id: `example-${place}`, name: place, mode: 'kind' },
        address: { district: place },
      },
    },
    {
      ...{ method: 'PUT', path: `HealthcareService/example-${place}` },
      body: {
        ...{ resourceType: 'HealthcareService', id: `example-${place}`, active: true, name: `Responssenter ${place}` },
        coverageArea: [{ reference: `Location/example-${place}` }],
        specialty: [{ coding: [{ system: NURSING, code: 'lung' }] }],
      },
    },
  ]),
  {
    ...{ method: 'PUT', path: `Patient/${id}` },
    body: {
      ...{ resourceType: 'Patient', id, name: [{ text: 'Ola Eksempel' }] },
      address: [{ use: 'home', district: 'Fjordvik', postalCode: '9998' }],
    },
  },
]

export const PATIENT_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'CarePlan-move-stage': [
    {
      title: 'Somebody is moved on to the next stage of the plan.',
      before: [staged, ...followed('example-moves-on', STAGED)],
      request: toStage('example-moves-on', 'steady'),
      response: {
        status: 200,
        body: {
          ...{ resourceType: 'CarePlan', status: 'active' },
          extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/care-plan-stage' }],
        },
      },
    },
    {
      title: 'A stage that the plan does not have is refused, with those that it has.',
      before: [staged, ...followed('example-moves-nowhere', STAGED)],
      request: toStage('example-moves-nowhere', 'elsewhere'),
      response: {
        status: 422,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule', expression: ['to'] }] },
      },
    },
  ],
  'CarePlan-plan-change': [
    {
      title: 'A pause for a holiday: the plan rests from one moment to another.',
      before: [staged, ...followed('example-on-holiday', STAGED)],
      request: holiday('example-on-holiday'),
      response: { status: 200, body: { resourceType: 'CarePlan', status: 'active' } },
    },
    {
      title: 'What goes on already cannot be resumed.',
      before: [staged, ...followed('example-goes-on', STAGED)],
      request: {
        ...{ method: 'POST', path: 'CarePlan/example-goes-on/$plan-change' },
        body: parameters(
          { name: 'at', valueInstant: '{{in 2 days}}' },
          { name: 'status', valueCode: 'active' },
          { name: 'reason', valueString: 'Hjemme igjen' },
        ),
      },
      response: {
        status: 422,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule', expression: ['status'] }] },
      },
    },
  ],
  'CarePlan-planned-changes': [
    {
      title: 'What is planned, and what came of it.',
      before: [staged, ...followed('example-plans-holiday', STAGED), holiday('example-plans-holiday')],
      request: { method: 'GET', path: 'CarePlan/example-plans-holiday/$planned-changes' },
      response: {
        status: 200,
        body: parameters({
          name: 'change',
          part: [
            { name: 'status', valueCode: 'on-hold' },
            { name: 'reason', valueString: 'Ferie' },
            { name: 'state', valueCode: 'planned' },
          ],
        }),
      },
    },
  ],
  'CarePlan-withdraw-change': [
    {
      title: 'The holiday is called off.',
      before: [
        ...[staged, ...followed('example-stays-home', STAGED), holiday('example-stays-home')],
        { name: 'planned', method: 'GET', path: 'CarePlan/example-stays-home/$planned-changes' },
      ],
      request: {
        ...{ method: 'POST', path: 'CarePlan/example-stays-home/$withdraw-change' },
        body: parameters({ name: 'change', valueId: '{{planned.parameter.0.part.0.valueId}}' }),
      },
      response: { status: 200, body: { resourceType: 'CarePlan', status: 'active' } },
    },
  ],
  'CarePlan-stages': [
    {
      title: 'Where somebody is in the plan, and what comes.',
      before: [staged, ...followed('example-in-stages', STAGED), toStage('example-in-stages', 'steady')],
      request: { method: 'GET', path: 'CarePlan/example-in-stages/$stages' },
      response: {
        status: 200,
        body: parameters({
          name: 'stage',
          part: [
            { name: 'plan', valueUri: STAGED },
            { name: 'id', valueId: 'steady' },
            { name: 'title', valueString: 'Stabil' },
            { name: 'state', valueCode: 'current' },
          ],
        }),
      },
    },
  ],
  'PlanDefinition-apply': [
    {
      title: 'What the plan for COPD proposes for one patient; nothing is stored.',
      request: { method: 'GET', path: 'PlanDefinition/copd/$apply?subject=Patient/demo-line' },
      response: {
        status: 200,
        body: {
          ...{ resourceType: 'CarePlan', status: 'draft', intent: 'proposal' },
          subject: { reference: 'Patient/demo-line' },
          instantiatesCanonical: ['…'],
          contained: [{ resourceType: 'RequestGroup' }],
          activity: [{ reference: { reference: '…' } }],
        },
      },
    },
    {
      title: 'Without a subject there is nothing to propose.',
      request: { method: 'GET', path: 'PlanDefinition/copd/$apply' },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'required', expression: ['subject'] }] },
      },
    },
  ],
  'PlanDefinition-r5.apply': [
    {
      title: 'The same as a Bundle, the RequestGroup first.',
      request: { method: 'POST', path: 'PlanDefinition/copd/$r5.apply', body: parameters(LINE) },
      response: {
        status: 200,
        body: {
          resourceType: 'Bundle',
          entry: [{ resource: { resourceType: 'RequestGroup', status: 'draft', intent: 'proposal' } }],
        },
      },
    },
  ],
  'PlanDefinition-data-requirements': [
    {
      title: 'What the plan for COPD looks at.',
      request: { method: 'GET', path: 'PlanDefinition/copd/$data-requirements' },
      response: {
        status: 200,
        body: {
          resourceType: 'Library',
          type: { coding: [{ code: 'module-definition' }] },
          dataRequirement: [{ type: 'Observation' }],
        },
      },
    },
  ],
  'ActivityDefinition-apply': [
    {
      title: 'The request that one activity becomes.',
      request: {
        ...{ method: 'POST', path: 'ActivityDefinition/$apply' },
        body: parameters(
          { name: 'url', valueUri: 'http://fylgje.no/fhir/ActivityDefinition/measure-spo2-and-pulse' },
          LINE,
        ),
      },
      response: {
        status: 200,
        body: { resourceType: 'ServiceRequest', status: 'draft', subject: { reference: 'Patient/demo-line' } },
      },
    },
  ],
  'PlanDefinition-enrol': [
    {
      title: 'A patient is put in the plan for COPD: what $apply proposes is stored and in force.',
      before: [person('example-enrol')],
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/copd/$enrol' },
        body: parameters(
          { name: 'subject', valueString: 'Patient/example-enrol' },
          { name: 'careTeam', valueReference: { reference: 'CareTeam/demo-responssenter' } },
          { name: 'key', valueString: 'henvisning-4711' },
        ),
      },
      response: {
        status: 201,
        body: {
          ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan' },
          subject: { reference: 'Patient/example-enrol' },
          careTeam: [{ reference: 'CareTeam/demo-responssenter' }],
        },
      },
    },
    {
      title: 'Who is in the plan already is not put in it twice.',
      before: followed('example-enrolled'),
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/copd/$enrol' },
        body: parameters({ name: 'subject', valueString: 'Patient/example-enrolled' }),
      },
      response: { status: 409, body: { resourceType: 'OperationOutcome', issue: [{ code: 'conflict' }] } },
    },
  ],
  'CarePlan-set-limits': [
    {
      title: 'A person’s own limits, with who set them and why.',
      before: followed('example-limits'),
      request: limits('example-limits', 90, 88),
      response: {
        status: 200,
        body: parameters(
          { name: 'goal', resource: { resourceType: 'Goal', id: '…' } },
          { name: 'provenance', resource: { resourceType: 'Provenance', reason: [{ text: '…' }] } },
        ),
      },
    },
    {
      title: 'Limits that contradict each other are refused: red lies inside yellow.',
      before: followed('example-nonsense'),
      request: limits('example-nonsense', 88, 90),
      response: { status: 422, body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule' }] } },
    },
  ],
  'CarePlan-propose-limits': [
    {
      title: 'What was measured on less than a week says nothing of what is usual.',
      before: [...followed('example-few'), measured('example-few', 92)],
      request: { method: 'GET', path: 'CarePlan/example-few/$propose-limits' },
      response: {
        status: 200,
        body: parameters({
          name: 'too-few',
          part: [
            { name: 'measure', valueString: 'SpO2' },
            { name: 'count', valueInteger: 1 },
          ],
        }),
      },
    },
  ],
  'CarePlan-event': [
    {
      title: 'The hospital tells that somebody has come home; a rule that waits for that makes its Task.',
      before: [listening, ...followed('example-event', DISCHARGE)],
      request: { method: 'POST', path: 'CarePlan/example-event/$event', body: parameters(...discharged) },
      response: EVENT,
    },
    {
      title: 'A name that no rule of the plan listens to is refused.',
      before: [listening, ...followed('example-no-event', DISCHARGE)],
      request: {
        ...{ method: 'POST', path: 'CarePlan/example-no-event/$event' },
        body: parameters({ name: 'name', valueString: 'admitted' }),
      },
      response: { status: 422, body: { resourceType: 'OperationOutcome', issue: [{ code: 'business-rule' }] } },
    },
  ],
  'PlanDefinition-event': [
    {
      title: 'The same for a patient, in whichever CarePlans follow the plan.',
      before: [listening, ...followed('example-plan-event', DISCHARGE)],
      request: {
        ...{ method: 'POST', path: 'PlanDefinition/example-discharge/$event' },
        body: parameters(
          { name: 'subject', valueReference: { reference: 'Patient/example-plan-event' } },
          ...discharged,
        ),
      },
      response: EVENT,
    },
  ],
  'Patient-suggest-team': [
    {
      title: 'Of two units with the skill, the one that covers the municipality in which the person lives.',
      before: servedBy('example-lives'),
      request: { method: 'GET', path: `Patient/example-lives/$suggest-team?skill=${NURSING}|lung&count=1` },
      response: {
        status: 200,
        body: parameters({
          name: 'suggestion',
          part: [
            {
              name: 'service',
              valueReference: { reference: 'HealthcareService/example-fjordvik', display: 'Responssenter fjordvik' },
            },
            { name: 'area', valueCode: 'district' },
            { name: 'open', valueBoolean: true },
            { name: 'skilled', valueInteger: 0 },
            { name: 'open-tasks', valueInteger: 0 },
          ],
        }),
      },
    },
    {
      title: 'From whom the address is withheld, the geography is too; a unit that names no area may be told.',
      before: [
        ...servedBy('example-lives'),
        ...followed('example-hidden'),
        {
          ...{ method: 'PUT', path: 'Patient/example-hidden' },
          body: {
            ...{ resourceType: 'Patient', id: 'example-hidden', name: [{ text: 'Ola Eksempel' }] },
            meta: {
              security: [
                { system: 'http://ehelse.no/fhir/CodeSystem/gd-person-addressprotection', code: 'strengtFortrolig' },
              ],
            },
            address: [{ use: 'home', district: 'Fjordvik', postalCode: '9998' }],
          },
        },
      ],
      request: { method: 'GET', path: 'Patient/example-hidden/$suggest-team', as: 'nurse' },
      response: {
        status: 200,
        body: parameters({
          name: 'outcome',
          resource: {
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'information', code: 'suppressed', expression: ['Patient.address'] }],
          },
        }),
      },
    },
    {
      title: 'A skill that is no code is refused.',
      before: servedBy('example-lives'),
      request: { method: 'GET', path: 'Patient/example-lives/$suggest-team?skill=lung' },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'value', expression: ['skill'] }] },
      },
    },
  ],
  'Patient-schedule': [
    {
      title: 'What a patient is asked to measure and answer, from yesterday until in a week.',
      before: [
        ...followed('example-schedule'),
        {
          method: 'PUT',
          path: 'ServiceRequest/example-schedule',
          body: {
            resourceType: 'ServiceRequest',
            id: 'example-schedule',
            status: 'active',
            intent: 'order',
            code: SPO2,
            subject: { reference: 'Patient/example-schedule' },
            basedOn: [{ reference: 'CarePlan/example-schedule' }],
            occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'] } },
          },
        },
      ],
      request: { method: 'GET', path: 'Patient/example-schedule/$schedule' },
      response: {
        status: 200,
        body: parameters({
          name: 'occurrence',
          part: [{ name: 'request', valueReference: { reference: 'ServiceRequest/example-schedule' } }],
        }),
      },
    },
  ],
  'Task-explain': [
    {
      title: 'Why a measurement of 84 % made a red Task, in plain language and as data.',
      before: [...followed('example-explain'), measured('example-explain', 84)],
      request: { method: 'GET', path: 'Observation/example-explain/$explain?language=en' },
      response: {
        status: 200,
        body: parameters(
          { name: 'text', valueString: '…' },
          { name: 'language', valueCode: 'en' },
          {
            name: 'decision',
            part: [
              { name: 'plan', valueCanonical: '…' },
              { name: 'act', part: [{ name: 'code', valueCode: 'made' }] },
              {
                name: 'rule',
                part: [
                  { name: 'id', valueString: 'spo2-red' },
                  { name: 'colour', valueCode: 'red' },
                  { name: 'outcome', valueCode: 'applicable' },
                ],
              },
            ],
          },
        ),
      },
    },
  ],
  'Patient-explain': [
    {
      title: 'Why there was no alert on a day.',
      before: followed('example-quiet'),
      request: { method: 'GET', path: 'Patient/example-quiet/$explain?at=2026-01-01&language=en' },
      response: {
        status: 200,
        body: parameters({ name: 'text', valueString: '…' }, { name: 'reason', valueCode: '…' }),
      },
    },
  ],
  'Task-replay': [
    {
      title: 'What was decided about a measurement, decided again from the same versions.',
      before: [...followed('example-replay'), measured('example-replay', 84)],
      request: { method: 'GET', path: 'Observation/example-replay/$replay' },
      response: {
        status: 200,
        body: parameters(
          { name: 'equal', valueBoolean: true },
          {
            name: 'decision',
            part: [
              { name: 'equal', valueBoolean: true },
              { name: 'recorded', valueString: '…' },
              { name: 'replayed', valueString: '…' },
            ],
          },
        ),
      },
    },
  ],
  'Patient-invite': [
    {
      title: 'The nurse gives Line a link that is good for a week.',
      request: {
        ...{ method: 'POST', path: 'Patient/demo-line/$invite', as: 'nurse' },
        body: parameters({ name: 'days', valueInteger: 7 }),
      },
      response: {
        status: 200,
        body: parameters(
          { name: 'link', valueUri: '…' },
          { name: 'expires', valueInstant: '…' },
          { name: 'task', valueReference: { reference: '…' } },
        ),
      },
    },
    {
      title: 'No link is good for a quarter of a year.',
      request: {
        ...{ method: 'POST', path: 'Patient/demo-line/$invite', as: 'nurse' },
        body: parameters({ name: 'days', valueInteger: 90 }),
      },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'value', expression: ['days'] }] },
      },
    },
  ],
  'Patient-push-key': [
    {
      title: 'By which key a browser subscribes.',
      request: { method: 'GET', path: 'Patient/$push-key' },
      response: { status: 200, body: parameters({ name: 'key', valueString: '…' }) },
    },
  ],
  'Patient-push-subscribe': [
    {
      title: 'Line wants to be told on her phone, but not at night.',
      request: {
        ...{ method: 'POST', path: 'Patient/demo-line/$push-subscribe', as: 'patient' },
        body: parameters(
          { name: 'endpoint', valueUri: 'https://push.example.org/send/1' },
          {
            ...{ name: 'p256dh' },
            valueString: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          },
          { name: 'auth', valueString: 'BTBZMqHH6r4Tts7J_aSIgg' },
          { name: 'quietFrom', valueTime: '22:00:00' },
          { name: 'quietUntil', valueTime: '07:00:00' },
        ),
      },
      response: {
        status: 200,
        body: parameters({ name: 'endpoint', valueUri: 'https://push.example.org/send/1' }),
      },
    },
    {
      title: 'A device inside of a network is not told, which would make this server a tool to reach it.',
      request: {
        ...{ method: 'POST', path: 'Patient/demo-line/$push-subscribe', as: 'patient' },
        body: parameters(
          { name: 'endpoint', valueUri: 'https://10.0.0.7/send/1' },
          { name: 'p256dh', valueString: 'B' },
          { name: 'auth', valueString: 'B' },
        ),
      },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'value', expression: ['endpoint'] }] },
      },
    },
    {
      title: 'A nurse has no device of Line’s.',
      request: {
        ...{ method: 'POST', path: 'Patient/demo-line/$push-subscribe', as: 'nurse' },
        body: parameters(
          { name: 'endpoint', valueUri: 'https://push.example.org/send/2' },
          { name: 'p256dh', valueString: 'B' },
          { name: 'auth', valueString: 'B' },
        ),
      },
      response: { status: 404, body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] } },
    },
  ],
  'Patient-push-unsubscribe': [
    {
      title: 'Line’s phone is told no more.',
      request: {
        ...{ method: 'POST', path: 'Patient/demo-line/$push-unsubscribe', as: 'patient' },
        body: parameters({ name: 'endpoint', valueUri: 'https://push.example.org/send/1' }),
      },
      response: {
        status: 200,
        body: parameters({ name: 'endpoint', valueUri: 'https://push.example.org/send/1' }),
      },
    },
  ],
  'Patient-accept-invitation': [
    {
      title: 'Somebody begins by the link that they were given.',
      before: [
        person('example-invited'),
        {
          ...{ method: 'PUT', path: 'Task/example-invited' },
          body: {
            ...{ resourceType: 'Task', id: 'example-invited', status: 'requested', intent: 'order' },
            identifier: [
              {
                system: 'http://fylgje.no/fhir/NamingSystem/invitation',
                // SHA-256 of the code.
                value: 'fe315c0f3a121869cdca0593f6d0d8ec06bb96f71169563ea77beffbe1f27d44',
              },
            ],
            for: { reference: 'Patient/example-invited' },
            restriction: { period: { end: '{{in 2 days}}' } },
          },
        },
      ],
      request: {
        ...{ method: 'POST', path: 'Patient/example-invited/$accept-invitation' },
        body: parameters({ name: 'code', valueString: 'example-invitation-001' }),
      },
      response: {
        status: 200,
        body: parameters({ name: 'task', valueReference: { reference: 'Task/example-invited' } }),
      },
    },
    {
      title: 'A code that nobody was given begins nothing.',
      before: [person('example-invited-not')],
      request: {
        ...{ method: 'POST', path: 'Patient/example-invited-not/$accept-invitation' },
        body: parameters({ name: 'code', valueString: 'example-invitation-999' }),
      },
      response: {
        status: 404,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-found', expression: ['code'] }] },
      },
    },
  ],
  'ClinicalImpression-report-difference': [
    {
      title: 'A phone without a net came to green; the server, which knows more, to red.',
      before: [
        {
          ...{ method: 'PUT', path: 'Patient/example-difference' },
          body: { resourceType: 'Patient', id: 'example-difference', name: [{ text: 'Ola Eksempel' }] },
        },
        {
          ...{ method: 'PUT', path: 'ClinicalImpression/example-difference' },
          body: {
            ...{ resourceType: 'ClinicalImpression', id: 'example-difference', status: 'completed' },
            subject: { reference: 'Patient/example-difference' },
            finding: [
              {
                itemCodeableConcept: {
                  coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code: 'red' }],
                },
              },
            ],
          },
        },
      ],
      request: {
        ...{ method: 'POST', path: 'ClinicalImpression/example-difference/$report-difference' },
        body: parameters({ name: 'colour', valueCode: 'green' }, { name: 'app', valueString: 'example-1.0' }),
      },
      response: { status: 200, body: parameters({ name: 'app', valueCode: 'milder' }) },
    },
  ],
  'Patient-replay': [
    {
      title: 'All decisions of a day about one patient.',
      before: [...followed('example-replay-day'), measured('example-replay-day', 84)],
      request: { method: 'GET', path: 'Patient/example-replay-day/$replay' },
      response: {
        status: 200,
        body: parameters(
          { name: 'equal', valueBoolean: true },
          { name: 'decision', part: [{ name: 'equal', valueBoolean: true }] },
        ),
      },
    },
  ],
  'Resource-advance-clock': [
    {
      title: 'Half an hour passes in a demo.',
      request: {
        ...{ method: 'POST', path: '$advance-clock' },
        body: parameters({ name: 'by', valueDuration: { value: 30, unit: 'min', system: UCUM, code: 'min' } }),
      },
      response: {
        status: 200,
        body: parameters({ name: 'now', valueInstant: '…' }, { name: 'complete', valueBoolean: true }),
      },
    },
  ],
}
