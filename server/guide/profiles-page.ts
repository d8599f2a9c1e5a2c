import type { StructureDefinition } from '@medplum/fhirtypes'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import { type Html, html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, layout, said, table } from './layout.ts'
import { SYSTEM_NAMES } from './links.ts'

const isExtension = ({ type }: StructureDefinition) => type === 'Extension'

/** Which type's profiles stand together, in the order of the page; what is named nowhere comes last. */
const GROUPS: { title: Worded; types: string[] }[] = [
  { title: { en: 'Measurements at home', nb: 'Målinger hjemme' }, types: ['Observation'] },
  {
    title: { en: 'What a patient is asked, and answers', nb: 'Det pasienten blir spurt om og svarer' },
    types: ['Questionnaire', 'QuestionnaireResponse'],
  },
  {
    title: { en: 'Plans, limits and orders', nb: 'Planer, grenser og bestillinger' },
    types: ['CarePlan', 'Goal', 'ServiceRequest'],
  },
  {
    title: { en: 'What comes of it', nb: 'Det som kommer ut av det' },
    types: ['ClinicalImpression', 'Task', 'Communication', 'DocumentReference'],
  },
  {
    title: { en: 'Who follows, and who may see', nb: 'Hvem som følger opp, og hvem som får se' },
    types: ['CareTeam', 'Consent'],
  },
  {
    title: { en: 'People and organisations', nb: 'Personer og virksomheter' },
    types: ['Patient', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Organization', 'HumanName', 'Address'],
  },
]
const OTHERS: Worded = { en: 'Others', nb: 'Andre' }

const WORDS = {
  en: {
    profiles: 'Profiles',
    profilesLead: html`Say by <code>meta.profile</code> which profile a resource is made by: it is then held against it when it is stored. What claims none is held against R4 alone, and its codes count for the rules of a plan all the same.`,
    profileHead: ['Profile', 'Of', 'What for'],
    extensions: 'Extensions',
    extensionsLead:
      'What R4 has no element for. Those on a PlanDefinition and its parts are how a pathway is written; those on a Task, CarePlan or Goal are what this server writes.',
    extensionHead: ['Extension', 'May stand on', 'What for'],
    measurements: 'Which profile for which measurement',
    measurementHead: ['Measurement', 'Codes', 'Unit (UCUM)'],
  },
  nb: {
    profiles: 'Profiler',
    profilesLead: html`Si med <code>meta.profile</code> hvilken profil en ressurs er laget etter: da blir den holdt opp mot den når den lagres. Det som ikke påberoper seg noen profil, holdes bare opp mot R4, og kodene teller likevel for reglene i en plan.`,
    profileHead: ['Profil', 'Av', 'Hva den er til'],
    extensions: 'Utvidelser',
    extensionsLead:
      'Det R4 ikke har noe element for. De på PlanDefinition og delene av den er måten et forløp skrives på. De på Task, CarePlan og Goal er det denne serveren skriver.',
    extensionHead: ['Utvidelse', 'Kan stå på', 'Hva den er til'],
    measurements: 'Hvilken profil til hvilken måling',
    measurementHead: ['Måling', 'Koder', 'Enhet (UCUM)'],
  },
} satisfies Worded<object>

/** Every profile, by what it is for. */
export function profilesPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const profiles = guide.ofType('StructureDefinition').filter((one) => !isExtension(one))
  const named = new Set(GROUPS.flatMap(({ types }) => types))
  const others = {
    title: OTHERS,
    types: [...new Set(profiles.map(({ type }) => type))].filter((one) => !named.has(one)),
  }
  const content = html`
<p class="lead">${words.profilesLead}</p>
${[...GROUPS, others].map(({ title, types }) => {
  const rows = types.flatMap((type) => profiles.filter((one) => one.type === type))
  return rows.length === 0
    ? undefined
    : html`<h2>${title[language]}</h2>${profileTable(title[language], rows, language)}`
})}`
  return layout({ title: words.profiles, section: 'profiles.html', content, language })
}

const profileTable = (label: string, profiles: StructureDefinition[], language: GuideLanguage): Html =>
  table(
    label,
    WORDS[language].profileHead,
    profiles.map((one) => [linkTo(one, language), html`<code>${one.type}</code>`, said(one, 'description', language)]),
  )

/** Every extension, with where it may stand. */
export function extensionsPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const content = html`
<p class="lead">${words.extensionsLead}</p>
${table(
  words.extensions,
  words.extensionHead,
  guide
    .ofType('StructureDefinition')
    .filter(isExtension)
    .map((one) => [
      linkTo(one, language),
      html`${(one.context ?? []).map(({ expression }) => html`<code class="place">${expression}</code> `)}`,
      said(one, 'description', language),
    ]),
)}`
  return layout({ title: words.extensions, section: 'extensions.html', content, language })
}

const linkTo = (one: StructureDefinition, language: GuideLanguage): Html =>
  html`<a href="${fileOf(one)}.html">${said(one, 'title', language)}</a>`

/** Which profile is for which measurement: its codes and unit, as the profile itself says them. */
export function measurementTable(guide: GuideDefinitions, language: GuideLanguage): Html {
  const words = WORDS[language]
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
    words.measurements,
    words.measurementHead,
    measurements.map((one) => [
      linkTo(one, language),
      html`${codesOf(one).map(({ system = '', code }) => html`<span class="code-of">${SYSTEM_NAMES.get(system) ?? system} <code>${code}</code></span> `)}`,
      html`<code>${unitOf(one)}</code>`,
    ]),
  )
}
