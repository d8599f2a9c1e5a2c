import { fileOf, type GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'

/** What a profile of ours asks beyond the Norwegian base profile of the same thing. That our examples pass by both: fhir-profiles/no-basis.test.ts. */
export const CHANGES: { profile: string; base: string; same: string; added: string[] }[] = [
  {
    profile: 'patient',
    base: 'no-basis-Patient',
    same: 'FNR, DNR, FHN and HNR by system, HNR with its assigner; names and addresses by the Norwegian types.',
    added: [
      'At least one identifier and one name.',
      'DUF numbers have a slice of their own.',
      'One national number at most is official.',
      'Check digits are judged, wherever a number stands.',
    ],
  },
  {
    profile: 'practitioner',
    base: 'no-basis-Practitioner',
    same: 'HPR, FNR and DNR by system; category of health personnel by Volven 9060 in a qualification.',
    added: ['At least one identifier and one name.'],
  },
  {
    profile: 'practitioner-role',
    base: 'no-basis-PractitionerRole',
    same: 'Who, for which organisation, as what.',
    added: [
      'Practitioner, organization, code and the start of the period must be there, for access follows from them.',
    ],
  },
  {
    profile: 'organization',
    base: 'no-basis-Organization',
    same: 'ENH and RESH by system.',
    added: ['At least one identifier, and a name.', 'The check digit of an organisation number is judged.'],
  },
  {
    profile: 'related-person',
    base: 'no-basis-RelatedPerson',
    same: 'FNR and DNR by system; relationships by the code systems of no-basis.',
    added: ['At least one relationship: what this person is to the patient.'],
  },
  {
    profile: 'norwegian-name',
    base: 'no-basis-HumanName',
    same: 'The middle name stands in its extension, not among the given names.',
    added: ['A prefix or suffix is a warning.'],
  },
  {
    profile: 'norwegian-address',
    base: 'no-basis-Address',
    same: 'Poststed in city, kommune in district, fylke in state; the extensions of no-basis are kept.',
    added: ['A Norwegian postcode has four digits.'],
  },
  {
    profile: 'shared-document',
    base: 'no-basis-DocumentReference',
    same: 'The type is one of Volven 9602.',
    added: ['Patient, date, author, and content type and title of the attachment must be there.'],
  },
]

/** How our profiles stand to the Norwegian base profiles. */
export function noBasisPage(guide: GuideDefinitions): GuideFile {
  const titleOf = (id: string) => guide.ofType('StructureDefinition').find((one) => one.id === id)?.title ?? id
  const content = html`
<p class="lead">The Norwegian base profiles (<a href="https://github.com/HL7Norway/basisprofiler-r4-fsh">no-basis 2.2</a>, HL7 Norway and the Directorate of Health, CC0) are open. Ours are made after them and close what home monitoring needs; every example of ours passes by both. What they say of codings inside a number’s type or a relationship is left to them: claim both where you need both.</p>
${table(
  'Changes against no-basis',
  ['Profile', 'After', 'The same', 'Asked beyond it'],
  CHANGES.map(({ profile, base, same, added }) => [
    html`<a href="${fileOf({ resourceType: 'StructureDefinition', id: profile })}.html">${titleOf(profile)}</a>`,
    html`<code>${base}</code>`,
    same,
    html`<ul>${added.map((one) => html`<li>${one}</li>`)}</ul>`,
  ]),
)}
<h2>What is not taken over</h2>
<ul>
<li>The profiles of no-basis are not shipped. Store them here, and what claims them is validated by them too.</li>
<li>Volven's code lists are published without content: their codes are taken as they come.</li>
<li><code>SearchParameter/no-basis-middlename</code>: <code>given</code> and <code>name</code> of R4 do not look in the extension; store the parameter and it takes effect.</li>
</ul>`
  return layout({ title: 'What changed against no-basis', section: 'no-basis.html', content })
}
