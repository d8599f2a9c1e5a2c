import type { GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import { jsonHtml } from './json-html.ts'
import { type GuideFile, layout } from './layout.ts'
import { measurementTable } from './profiles-page.ts'

/**
 * What this guide is, how to send a measurement, which profile is for what.
 * @param fhirBase of this server, as callers see it: its examples can be run as they stand
 */
export function indexPage(guide: GuideDefinitions, fhirBase: string): GuideFile {
  const spo2 = guide.examples.find(({ id }) => id === 'spo2')
  const { id: _, ...sent } = spo2 ?? { id: '' }
  const content = html`
<p class="lead">For who connects to this server: the profiles, codes, identifiers and operations of digital home monitoring on FHIR R4. It is made from the definitions by which the server validates, so what stands here is what it does.</p>
<p>FHIR base: <code>${fhirBase}</code>. What the server can do: <a href="${fhirBase}/metadata">CapabilityStatement</a>, <a href="${fhirBase}/.well-known/smart-configuration">SMART configuration</a>.</p>

<h2 id="send">How to send a measurement</h2>
<ol class="steps">
<li><h3>Get a token</h3><p>SMART App Launch for an app with a person at it, SMART Backend Services for a system. A device gateway needs <code>system/Observation.cs</code>, an app of the patient’s <code>patient/Observation.cs</code>: <code>c</code> to store, <code>s</code> to find what it has stored before.</p></li>
<li><h3>Make the Observation</h3><p>By the profile of what was measured (below): of whom, when, by whom, a value with its UCUM unit, the device, how it came (<a href="CodeSystem-measuring-method.html"><code>method</code></a>) and how good it is (<a href="StructureDefinition-measurement-quality.html">quality</a>). No value? Then <code>dataAbsentReason</code> says why.</p></li>
<li><h3>Ask whether it is right</h3><p><code>POST ${fhirBase}/Observation/$validate</code> answers with every error at once: code, FHIRPath of the element, what was expected. It stores nothing.</p></li>
<li><h3>Send it, once</h3><p>Give it an <code>identifier</code> of your own and send it with <code>If-None-Exist: identifier=system|value</code>: sent again after a broken line it is not stored twice. Many go together in a Bundle (<code>batch</code>, or <code>transaction</code> for all or none).</p>
<pre tabindex="0" role="region" aria-label="Request">POST ${fhirBase}/Observation
Authorization: Bearer …
Content-Type: application/fhir+json
If-None-Exist: identifier=https://gateway.example.org/measurement|4711</pre>
${jsonHtml({ ...sent, identifier: [{ system: 'https://gateway.example.org/measurement', value: '4711' }] }, 'Body of the request')}
<p><code>201</code> means committed and on disk. A <code>4xx</code> is an OperationOutcome that says what to mend; sending the same again will not help. <code>429</code> and <code>503</code> say by <code>Retry-After</code> when to try again.</p></li>
<li><h3>What happens then</h3><p>The plans that the patient is followed by judge it: a <a href="StructureDefinition-triage.html">triage</a> tells the colour and what it rests on, and where somebody must act there is a <a href="StructureDefinition-triage-task.html">Task</a> for the team. <code>Observation/[id]/$explain</code> tells why.</p></li>
<li><h3>Was it wrong?</h3><p>Correct it by <code>PUT</code> with the status <code>corrected</code>, or withdraw it with <code>entered-in-error</code>: it is judged anew, and work that nobody has begun with is taken back. What a phone holds and could not send is told by <a href="StructureDefinition-sync-status.html">sync-status</a>, so that silence is not taken for health.</p></li>
</ol>

<h2 id="measurements">Which profile for which measurement</h2>
${measurementTable(guide)}
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
