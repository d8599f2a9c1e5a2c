import { type ExampleStep, type OperationExample, parameters } from './operation-example.ts'

const urlOf = (name: string) => `http://example.org/fhir/Questionnaire/${name}`
const ADAPTIVE = {
  url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive',
  valueBoolean: true,
}
const form = (name: string, ...extension: object[]): ExampleStep => ({
  method: 'PUT',
  path: `Questionnaire/${name}`,
  body: {
    resourceType: 'Questionnaire',
    id: name,
    url: urlOf(name),
    version: '1.0.0',
    title: 'Hvordan er pusten?',
    status: 'active',
    ...(extension.length > 0 ? { extension } : {}),
    item: [
      { linkId: 'worse', type: 'boolean', text: 'Er pusten tyngre enn vanlig?', required: true },
      {
        linkId: 'phlegm',
        type: 'boolean',
        text: 'Hoster du opp mer slim?',
        enableWhen: [{ question: 'worse', operator: '=', answerBoolean: true }],
      },
      { linkId: 'slept', type: 'boolean', text: 'Har du sovet godt?' },
    ],
  },
})
const begun = (name: string, ...item: object[]) => ({
  ...{ resourceType: 'QuestionnaireResponse', status: 'in-progress', questionnaire: urlOf(name) },
  ...(item.length > 0 ? { item } : {}),
})
const answered = (linkId: string, valueBoolean: boolean) => ({ linkId, answer: [{ valueBoolean }] })
const ask = (response: object) => ({
  ...({ method: 'POST', path: 'Questionnaire/$next-question' } as const),
  body: parameters({ name: 'questionnaire-response', resource: response }),
})
const asked = (...linkIds: string[]) => ({
  resourceType: 'QuestionnaireResponse',
  contained: [{ resourceType: 'Questionnaire', derivedFrom: ['…'], item: linkIds.map((linkId) => ({ linkId })) }],
})

/** By the id of the OperationDefinition. */
export const FORM_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'Questionnaire-next-question': [
    {
      title: 'The first question of an adaptive form.',
      before: [form('breath', ADAPTIVE)],
      request: ask(begun('breath')),
      response: { status: 200, body: { ...asked('worse'), status: 'in-progress', questionnaire: '#asked' } },
    },
    {
      title: 'The next one, by what was answered.',
      before: [form('breath', ADAPTIVE)],
      request: ask(begun('breath', answered('worse', true))),
      response: { status: 200, body: { ...asked('worse', 'phlegm'), status: 'in-progress' } },
    },
    {
      title: 'Nothing more is asked: the response is completed, and can be stored.',
      before: [form('breath', ADAPTIVE)],
      request: ask(begun('breath', answered('worse', false), answered('slept', true))),
      response: { status: 200, body: { ...asked('worse', 'slept'), status: 'completed' } },
    },
    {
      title: 'A plan that the form names says which question is next.',
      before: [
        {
          method: 'PUT',
          path: 'PlanDefinition/example-breath',
          body: {
            resourceType: 'PlanDefinition',
            id: 'example-breath',
            url: 'http://example.org/fhir/PlanDefinition/breath',
            version: '1.0.0',
            status: 'active',
            action: ['slept', 'worse'].map((code) => ({
              id: code,
              code: [{ coding: [{ system: urlOf('breath-by-plan'), code }] }],
              condition: [
                {
                  kind: 'applicability',
                  expression: {
                    language: 'text/fhirpath',
                    expression: "%resource.item.where(linkId = 'worse').empty()",
                  },
                },
              ],
            })),
          },
        },
        form('breath-by-plan', ADAPTIVE, {
          url: 'http://fylgje.no/fhir/StructureDefinition/next-question-plan',
          valueCanonical: 'http://example.org/fhir/PlanDefinition/breath|1.0.0',
        }),
      ],
      request: ask(begun('breath-by-plan')),
      response: { status: 200, body: { ...asked('slept'), status: 'in-progress' } },
    },
    {
      title: 'A question that must be answered is not passed over.',
      before: [form('breath', ADAPTIVE)],
      request: ask({
        ...begun('breath'),
        questionnaire: '#asked',
        contained: [
          {
            resourceType: 'Questionnaire',
            id: 'asked',
            status: 'active',
            derivedFrom: [urlOf('breath')],
            item: [{ linkId: 'worse', type: 'boolean' }],
          },
        ],
      }),
      response: {
        status: 400,
        body: {
          resourceType: 'OperationOutcome',
          issue: [{ code: 'required', expression: ["QuestionnaireResponse.item.where(linkId = 'worse')"] }],
        },
      },
    },
    {
      title: 'What the form has no question for is refused.',
      before: [form('breath', ADAPTIVE)],
      request: ask(begun('breath', answered('worse', true), answered('weather', true))),
      response: {
        status: 400,
        body: {
          resourceType: 'OperationOutcome',
          issue: [{ code: 'structure', expression: ['QuestionnaireResponse.item[1]'] }],
        },
      },
    },
    {
      title: 'A form that is not adaptive is asked all at once.',
      before: [form('breath-at-once')],
      request: ask(begun('breath-at-once')),
      response: {
        status: 422,
        body: {
          resourceType: 'OperationOutcome',
          issue: [{ code: 'business-rule', expression: ['QuestionnaireResponse.questionnaire'] }],
        },
      },
    },
  ],
}
