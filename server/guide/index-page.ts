import type { GuideDefinitions } from './definitions.ts'
import { type Html, html } from './html.ts'
import { jsonHtml } from './json-html.ts'
import { fileIn, type GuideLanguage } from './language.ts'
import { type GuideFile, layout } from './layout.ts'
import { measurementTable } from './profiles-page.ts'

/**
 * What this guide is, how to send a measurement, which profile is for what.
 * @param fhirBase of this server, as callers see it: its examples can be run as they stand
 */
export function indexPage(guide: GuideDefinitions, fhirBase: string, language: GuideLanguage): GuideFile {
  const spo2 = guide.examples.find(({ id }) => id === 'spo2')
  const { id: _, ...sent } = spo2 ?? { id: '' }
  const body = { ...sent, identifier: [{ system: 'https://gateway.example.org/measurement', value: '4711' }] }
  const measurements = measurementTable(guide, language)
  return language === 'en' ? inEnglish({ fhirBase, body, measurements }) : inBokmaal({ fhirBase, body, measurements })
}

type Given = { fhirBase: string; body: object; measurements: Html }

const requestOf = (fhirBase: string, label: string): Html =>
  html`<pre tabindex="0" role="region" aria-label="${label}">POST ${fhirBase}/Observation
Authorization: Bearer …
Content-Type: application/fhir+json
If-None-Exist: identifier=https://gateway.example.org/measurement|4711</pre>`

function inEnglish({ fhirBase, body, measurements }: Given): GuideFile {
  const content = html`
<p class="lead">For who connects to this server: the profiles, codes, identifiers and operations of digital home monitoring on FHIR R4. It is made from the definitions by which the server validates, so what stands here is what it does.</p>
<p>FHIR base: <code>${fhirBase}</code>. What the server can do: <a href="${fhirBase}/metadata">CapabilityStatement</a>, <a href="${fhirBase}/.well-known/smart-configuration">SMART configuration</a>.</p>

<h2 id="send">How to send a measurement</h2>
<ol class="steps">
<li><h3>Get a token</h3><p>SMART App Launch for an app with a person at it, SMART Backend Services for a system. A device gateway needs <code>system/Observation.cs</code>, an app of the patient’s <code>patient/Observation.cs</code>: <code>c</code> to store, <code>s</code> to find what it has stored before.</p></li>
<li><h3>Make the Observation</h3><p>By the profile of what was measured (below): of whom, when, by whom, a value with its UCUM unit, the device, how it came (<a href="CodeSystem-measuring-method.html"><code>method</code></a>) and how good it is (<a href="StructureDefinition-measurement-quality.html">quality</a>). No value? Then <code>dataAbsentReason</code> says why.</p></li>
<li><h3>Ask whether it is right</h3><p><code>POST ${fhirBase}/Observation/$validate</code> answers with every error at once: code, FHIRPath of the element, what was expected. It stores nothing.</p></li>
<li><h3>Send it, once</h3><p>Give it an <code>identifier</code> of your own and send it with <code>If-None-Exist: identifier=system|value</code>: sent again after a broken line it is not stored twice. Many go together in a Bundle (<code>batch</code>, or <code>transaction</code> for all or none).</p>
${requestOf(fhirBase, 'Request')}
${jsonHtml(body, 'Body of the request')}
<p><code>201</code> means committed and on disk. A <code>4xx</code> is an OperationOutcome that says what to mend; sending the same again will not help. <code>429</code> and <code>503</code> say by <code>Retry-After</code> when to try again.</p></li>
<li><h3>What happens then</h3><p>The plans that the patient is followed by judge it: a <a href="StructureDefinition-triage.html">triage</a> tells the colour and what it rests on, and where somebody must act there is a <a href="StructureDefinition-triage-task.html">Task</a> for the team. <code>Observation/[id]/$explain</code> tells why.</p></li>
<li><h3>Was it wrong?</h3><p>Correct it by <code>PUT</code> with the status <code>corrected</code>, or withdraw it with <code>entered-in-error</code>: it is judged anew, and work that nobody has begun with is taken back. What a phone holds and could not send is told by <a href="StructureDefinition-sync-status.html">sync-status</a>, so that silence is not taken for health.</p></li>
</ol>

<h2 id="measurements">Which profile for which measurement</h2>
${measurements}
<p>Everything else, from plans to consents, is among the <a href="profiles.html">profiles</a>.</p>

<h2 id="conventions">Conventions</h2>
<ul>
<li>The triage of a measurement is a ClinicalImpression, green ones too: it tells what was investigated and by which rule. R4’s DetectedIssue has room for neither, and none is made here.</li>
<li>Canonicals begin with <code>http://fylgje.no/fhir/</code>. A <code>|version</code> may be left out.</li>
<li>Extensions that nobody defines are kept as they come. A modifier extension that is not known is refused.</li>
<li>Displays are in bokmål; nynorsk and English are designations and translations of the same code.</li>
</ul>`
  return layout({ title: 'Implementation guide', section: 'index.html', content })
}

function inBokmaal({ fhirBase, body, measurements }: Given): GuideFile {
  const content = html`
<p class="lead">For den som skal koble seg til denne serveren: profiler, koder, identifikatorer og operasjoner for digital hjemmeoppfølging på FHIR R4. Guiden er laget av de definisjonene som serveren validerer etter, så det som står her, er det den gjør.</p>
<p>FHIR-adressen: <code>${fhirBase}</code>. Hva serveren kan: <a href="${fhirBase}/metadata">CapabilityStatement</a>, <a href="${fhirBase}/.well-known/smart-configuration">SMART-konfigurasjon</a>.</p>

<h2 id="send">Slik sender du en måling</h2>
<ol class="steps">
<li><h3>Få et token</h3><p>SMART App Launch for en app med et menneske foran, SMART Backend Services for et system. En mottaker for måleutstyr trenger <code>system/Observation.cs</code>, en app som pasienten bruker, <code>patient/Observation.cs</code>: <code>c</code> for å lagre, <code>s</code> for å finne det den har lagret før.</p></li>
<li><h3>Lag målingen (Observation)</h3><p>Etter profilen for det som er målt (nedenfor): av hvem, når, målt av hvem, en verdi med UCUM-enhet, utstyret, hvordan den kom (<a href="CodeSystem-measuring-method.html"><code>method</code></a>) og hvor god den er (<a href="StructureDefinition-measurement-quality.html">kvalitet</a>). Ingen verdi? Da sier <code>dataAbsentReason</code> hvorfor.</p></li>
<li><h3>Spør om den er riktig</h3><p><code>POST ${fhirBase}/Observation/$validate</code> svarer med alle feil på én gang: kode, FHIRPath til elementet, hva som var ventet. Ingenting blir lagret.</p></li>
<li><h3>Send den, én gang</h3><p>Gi den en <code>identifier</code> som er din egen, og send den med <code>If-None-Exist: identifier=system|verdi</code>: sendes den på nytt etter et brudd, blir den ikke lagret to ganger. Mange kan sendes samlet i en Bundle (<code>batch</code>, eller <code>transaction</code> for alle eller ingen).</p>
${requestOf(fhirBase, 'Forespørsel')}
${jsonHtml(body, 'Innholdet i forespørselen')}
<p><code>201</code> betyr at målingen er lagret og ligger på disk. <code>4xx</code> er en OperationOutcome som sier hva som må rettes; å sende det samme om igjen hjelper ikke. <code>429</code> og <code>503</code> sier med <code>Retry-After</code> når du kan prøve på nytt.</p></li>
<li><h3>Hva som skjer så</h3><p>Planene som pasienten følges etter, vurderer målingen: en <a href="StructureDefinition-triage.html">triage</a> sier hvilken farge den fikk og hva det bygger på, og der noen må gjøre noe, får teamet en <a href="StructureDefinition-triage-task.html">oppgave (Task)</a>. <code>Observation/[id]/$explain</code> sier hvorfor.</p></li>
<li><h3>Var den feil?</h3><p>Rett den med <code>PUT</code> og status <code>corrected</code>, eller trekk den tilbake med <code>entered-in-error</code>: den blir vurdert på nytt, og arbeid som ingen har begynt på, blir tatt tilbake. Det en telefon har og ikke fikk sendt, sies fra om med <a href="StructureDefinition-sync-status.html">sync-status</a>, slik at stillhet ikke blir tatt for at alt er bra.</p></li>
</ol>

<h2 id="measurements">Hvilken profil til hvilken måling</h2>
${measurements}
<p>Alt annet, fra planer til samtykker, står blant <a href="${fileIn('nb', 'profiles.html')}">profilene</a>.</p>

<h2 id="conventions">Slik gjør vi det her</h2>
<ul>
<li>Triagen av en måling er en ClinicalImpression, også når den er grønn: den sier hva som ble undersøkt, og etter hvilken regel. DetectedIssue i R4 har ikke plass til noen av delene, og blir ikke laget her.</li>
<li>Kanoniske adresser begynner med <code>http://fylgje.no/fhir/</code>. <code>|versjon</code> kan utelates.</li>
<li>Utvidelser som ingen har definert, blir tatt vare på som de er. En modifier extension som ikke er kjent, blir avvist.</li>
<li>Visningsnavn er på bokmål; nynorsk og engelsk er designations og oversettelser av den samme koden.</li>
</ul>`
  return layout({ title: 'Implementasjonsguide', section: 'index.html', content, language: 'nb' })
}
