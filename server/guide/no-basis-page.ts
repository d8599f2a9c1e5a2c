import { fileOf, type GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, inEnglish, layout, said, table } from './layout.ts'

/** What a profile of ours asks beyond the Norwegian base profile of the same thing. That our examples pass by both: fhir-profiles/no-basis.test.ts. */
export const CHANGES: { profile: string; base: string; same: Worded; added: Worded<string[]> }[] = [
  {
    profile: 'patient',
    base: 'no-basis-Patient',
    same: {
      en: 'FNR, DNR, FHN and HNR by system, HNR with its assigner and Volven 8327 in its type; names and addresses by the Norwegian types.',
      nb: 'FNR, DNR, FHN og HNR etter system, HNR med hvem som har gitt det og Volven 8327 i typen; navn og adresser etter de norske typene.',
    },
    added: {
      en: [
        'At least one identifier and one name.',
        'DUF numbers have a slice of their own.',
        'One national number at most is official.',
        'Check digits are judged, wherever a number stands.',
      ],
      nb: [
        'Minst én identifikator og ett navn.',
        'DUF-nummer har en egen del (slice).',
        'Høyst ett nasjonalt nummer er offisielt.',
        'Kontrollsifre blir prøvd, uansett hvor nummeret står.',
      ],
    },
  },
  {
    profile: 'practitioner',
    base: 'no-basis-Practitioner',
    same: {
      en: 'HPR, FNR and DNR by system; category of health personnel by Volven 9060 in a qualification.',
      nb: 'HPR, FNR og DNR etter system; kategori helsepersonell etter Volven 9060 i en kvalifikasjon.',
    },
    added: { en: ['At least one identifier and one name.'], nb: ['Minst én identifikator og ett navn.'] },
  },
  {
    profile: 'practitioner-role',
    base: 'no-basis-PractitionerRole',
    same: { en: 'Who, for which organisation, as what.', nb: 'Hvem, for hvilken virksomhet, som hva.' },
    added: {
      en: ['Practitioner, organization, code and the start of the period must be there, for access follows from them.'],
      nb: ['Person, virksomhet, kode og når perioden begynner, må være med, for tilgangen følger av dem.'],
    },
  },
  {
    profile: 'organization',
    base: 'no-basis-Organization',
    same: { en: 'ENH and RESH by system.', nb: 'ENH og RESH etter system.' },
    added: {
      en: ['At least one identifier, and a name.', 'The check digit of an organisation number is judged.'],
      nb: ['Minst én identifikator, og et navn.', 'Kontrollsifferet i et organisasjonsnummer blir prøvd.'],
    },
  },
  {
    profile: 'related-person',
    base: 'no-basis-RelatedPerson',
    same: {
      en: 'FNR and DNR by system; relationships by the code systems of no-basis.',
      nb: 'FNR og DNR etter system; relasjoner etter kodeverkene i no-basis.',
    },
    added: {
      en: ['At least one relationship: what this person is to the patient.'],
      nb: ['Minst én relasjon: hva denne personen er for pasienten.'],
    },
  },
  {
    profile: 'norwegian-name',
    base: 'no-basis-HumanName',
    same: {
      en: 'The middle name stands in its extension, not among the given names.',
      nb: 'Mellomnavnet står i sin utvidelse, ikke blant fornavnene.',
    },
    added: { en: ['A prefix or suffix is a warning.'], nb: ['Tittel foran eller bak navnet gir en advarsel.'] },
  },
  {
    profile: 'norwegian-address',
    base: 'no-basis-Address',
    same: {
      en: 'Poststed in city, kommune in district, fylke in state; a kommune as a code of Kartverket’s list; the extensions of no-basis are kept.',
      nb: 'Poststed i city, kommune i district, fylke i state; kommune som kode fra Kartverkets liste; utvidelsene i no-basis blir tatt vare på.',
    },
    added: { en: ['A Norwegian postcode has four digits.'], nb: ['Et norsk postnummer har fire sifre.'] },
  },
  {
    profile: 'shared-document',
    base: 'no-basis-DocumentReference',
    same: { en: 'The type is one of Volven 9602.', nb: 'Typen er en av dem i Volven 9602.' },
    added: {
      en: ['Patient, date, author, and content type and title of the attachment must be there.'],
      nb: ['Pasient, dato, forfatter, og vedleggets innholdstype og tittel må være med.'],
    },
  },
]

const WORDS = {
  en: {
    title: 'What changed against no-basis',
    lead: html`The Norwegian base profiles (<a href="https://github.com/HL7Norway/basisprofiler-r4-fsh">no-basis 2.2</a>, HL7 Norway and the Directorate of Health, CC0) are open. Ours are made after them and close what home monitoring needs; every example of ours passes by both. What they ask, ours ask too, and our own examples show it; the lists of Volven that are published without codes are left to them: claim both where you need both.`,
    table: 'Changes against no-basis',
    head: ['Profile', 'After', 'The same', 'Asked beyond it'],
    not: 'What is not taken over',
    notTaken: [
      html`The profiles of no-basis are not shipped. Store them here, and what claims them is validated by them too.`,
      html`Volven’s code lists are published without content: their codes are taken as they come.`,
      html`<code>SearchParameter/no-basis-middlename</code>: <code>given</code> and <code>name</code> of R4 do not look in the extension; store the parameter and it takes effect.`,
    ],
  },
  nb: {
    title: 'Endret fra no-basis',
    lead: html`De norske basisprofilene (<a href="https://github.com/HL7Norway/basisprofiler-r4-fsh">no-basis 2.2</a>, HL7 Norge og Helsedirektoratet, CC0) er åpne. Våre er laget etter dem og lukker det hjemmeoppfølging trenger; hvert av eksemplene våre består begge. Det de krever, krever våre også, og eksemplene viser det; kodelistene i Volven som er publisert uten innhold, er overlatt til dem: vis til begge profilene der begge trengs.`,
    table: 'Endringer fra no-basis',
    head: ['Profil', 'Etter', 'Likt', 'Krav ut over den'],
    not: 'Det som ikke er tatt med',
    notTaken: [
      html`Profilene i no-basis følger ikke med. Lagre dem her, så blir det som viser til dem, validert mot dem også.`,
      html`Kodelistene i Volven er publisert uten innhold: kodene blir tatt imot som de kommer.`,
      html`<code>SearchParameter/no-basis-middlename</code>: <code>given</code> og <code>name</code> i R4 ser ikke i utvidelsen. Lagre parameteren, så gjelder den.`,
    ],
  },
} satisfies Worded<object>

/** How our profiles stand to the Norwegian base profiles. */
export function noBasisPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const titleOf = (id: string) => {
    const profile = guide.ofType('StructureDefinition').find((one) => one.id === id)
    return profile ? said(profile, 'title', language) : id
  }
  const content = html`
<p class="lead">${words.lead}</p>
${table(
  words.table,
  words.head,
  CHANGES.map(({ profile, base, same, added }) => [
    inEnglish(
      html`<a href="${fileOf({ resourceType: 'StructureDefinition', id: profile })}.html">${titleOf(profile)}</a>`,
      language,
    ),
    html`<code>${base}</code>`,
    same[language],
    html`<ul>${added[language].map((one) => html`<li>${one}</li>`)}</ul>`,
  ]),
)}
<h2>${words.not}</h2>
<ul>
${words.notTaken.map((one) => html`<li>${one}</li>\n`)}</ul>`
  return layout({ title: words.title, section: 'no-basis.html', content, language })
}
