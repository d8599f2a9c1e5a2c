import type { StructureDefinition } from '@medplum/fhirtypes'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import { type Html, html } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'
import { SYSTEM_NAMES } from './links.ts'

const isExtension = ({ type }: StructureDefinition) => type === 'Extension'

/** Which type's profiles stand together, in the order of the page; what is named nowhere comes last. */
const GROUPS: { title: string; types: string[] }[] = [
  { title: 'Measurements at home', types: ['Observation'] },
  { title: 'What a patient is asked, and answers', types: ['Questionnaire', 'QuestionnaireResponse'] },
  { title: 'Plans, limits and orders', types: ['CarePlan', 'Goal', 'ServiceRequest'] },
  { title: 'What comes of it', types: ['ClinicalImpression', 'Task', 'Communication', 'DocumentReference'] },
  { title: 'Who follows, and who may see', types: ['CareTeam', 'Consent'] },
  {
    title: 'People and organisations',
    types: ['Patient', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Organization', 'HumanName', 'Address'],
  },
]

/** Every profile, by what it is for. */
export function profilesPage(guide: GuideDefinitions): GuideFile {
  const profiles = guide.ofType('StructureDefinition').filter((one) => !isExtension(one))
  const named = new Set(GROUPS.flatMap(({ types }) => types))
  const others = {
    title: 'Others',
    types: [...new Set(profiles.map(({ type }) => type))].filter((one) => !named.has(one)),
  }
  const content = html`
<p class="lead">Say by <code>meta.profile</code> which profile a resource is made by: it is then held against it when it is stored. What claims none is held against R4 alone, and its codes count for the rules of a plan all the same.</p>
${[...GROUPS, others].map(({ title, types }) => {
  const rows = types.flatMap((type) => profiles.filter((one) => one.type === type))
  return rows.length === 0 ? undefined : html`<h2>${title}</h2>${profileTable(title, rows)}`
})}`
  return layout({ title: 'Profiles', section: 'profiles.html', content })
}

const profileTable = (label: string, profiles: StructureDefinition[]): Html =>
  table(
    label,
    ['Profile', 'Of', 'What for'],
    profiles.map((one) => [linkTo(one), html`<code>${one.type}</code>`, String(one.description)]),
  )

/** Every extension, with where it may stand. */
export function extensionsPage(guide: GuideDefinitions): GuideFile {
  const content = html`
<p class="lead">What R4 has no element for. Those on a PlanDefinition and its parts are how a pathway is written; those on a Task, CarePlan or Goal are what this server writes.</p>
${table(
  'Extensions',
  ['Extension', 'May stand on', 'What for'],
  guide
    .ofType('StructureDefinition')
    .filter(isExtension)
    .map((one) => [
      linkTo(one),
      html`${(one.context ?? []).map(({ expression }) => html`<code class="place">${expression}</code> `)}`,
      String(one.description),
    ]),
)}`
  return layout({ title: 'Extensions', section: 'extensions.html', content })
}

const linkTo = (one: StructureDefinition): Html => html`<a href="${fileOf(one)}.html">${one.title}</a>`

/** Which profile is for which measurement: its codes and unit, as the profile itself says them. */
export function measurementTable(guide: GuideDefinitions): Html {
  const measurements = guide
    .ofType('StructureDefinition')
    .filter(({ type, id }) => type === 'Observation' && id !== 'home-measurement')
  const codesOf = ({ differential }: StructureDefinition) =>
    (differential?.element ?? []).flatMap(({ path, patternCoding }) =>
      path === 'Observation.code.coding' && patternCoding ? [patternCoding] : [],
    )
  const unitOf = ({ differential }: StructureDefinition) => {
    const units = (differential?.element ?? []).map(({ patternQuantity }) => patternQuantity?.code)
    return units.find((unit) => unit !== undefined)
  }
  return table(
    'Which profile for which measurement',
    ['Measurement', 'Codes', 'Unit (UCUM)'],
    measurements.map((one) => [
      linkTo(one),
      html`${codesOf(one).map(({ system = '', code }) => html`<span class="code-of">${SYSTEM_NAMES.get(system) ?? system} <code>${code}</code></span> `)}`,
      html`<code>${unitOf(one)}</code>`,
    ]),
  )
}
