import { text } from './language.js'
import { createFhir, readPublic } from './server.js'
import { clockWithSeconds } from './time.js'

/** The example that makes a red Task: an Observation of 84 % for Line Danser, from here or by curl. */
export async function startTryIt(onSent) {
  document.getElementById('try').hidden = false
  document.getElementById('send').addEventListener('click', () => send(onSent))
  for (const button of document.querySelectorAll('[data-copy]')) button.addEventListener('click', () => copy(button))
  const { token_endpoint: tokenEndpoint } = await readPublic('/fhir/.well-known/smart-configuration')
  document.getElementById('curl-token').textContent = tokenCommand(tokenEndpoint)
  document.getElementById('curl-post').textContent = postCommand(`${location.origin}/fhir`)
}

async function send(onSent) {
  const button = document.getElementById('send')
  const outcome = document.getElementById('sent')
  if (button.getAttribute('aria-disabled') === 'true') return
  // Not `disabled`: the button would lose the focus of whoever pressed it.
  button.setAttribute('aria-disabled', 'true')
  outcome.textContent = text('sending')
  try {
    await createFhir(observation(new Date()))
    outcome.textContent = text('sent', { time: clockWithSeconds(new Date()) })
    onSent()
  } catch (error) {
    outcome.textContent = text('sendFailed', { reason: error.message })
  }
  button.setAttribute('aria-disabled', 'false')
}

function observation(at) {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: {
      coding: [
        { system: 'http://loinc.org', code: '59408-5' },
        { system: 'http://loinc.org', code: '2708-6' },
      ],
      text: 'SpO2',
    },
    subject: { reference: 'Patient/demo-line' },
    effectiveDateTime: at.toISOString(),
    valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  }
}

const tokenCommand = (tokenEndpoint) => `TOKEN=$(curl -s -u demo-service:demo-service-secret \\
  -d grant_type=client_credentials \\
  ${tokenEndpoint} \\
  | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')`

const postCommand = (base) => `curl -i ${base}/Observation \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/fhir+json" \\
  -d '{
  "resourceType": "Observation",
  "status": "final",
  "code": {"coding": [{"system": "http://loinc.org", "code": "59408-5"}]},
  "subject": {"reference": "Patient/demo-line"},
  "effectiveDateTime": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'",
  "valueQuantity": {"value": 84, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
}'`

async function copy(button) {
  const source = document.getElementById(button.dataset.copy)
  try {
    await navigator.clipboard.writeText(source.textContent)
    button.textContent = text('copied')
    setTimeout(() => {
      button.textContent = text('copy')
    }, 2000)
  } catch {
    // Without permission for the clipboard (plain http on another host, a frame) the text is selected, ready for Ctrl+C.
    getSelection().selectAllChildren(source)
  }
}
