import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { batch } from './batch.ts'
import { type BundleEntry, parseEntries } from './bundle-entries.ts'
import { provideDocuments } from './provide-documents.ts'
import { transaction } from './transaction.ts'

/** POST of a Bundle to the FHIR base: batch or transaction. https://hl7.org/fhir/R4/http.html#transaction */
export async function processBundle(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const bundle = exchange.body as Record<string, unknown> | undefined
  if (bundle?.resourceType !== 'Bundle') {
    throw refuse('invalid', 'A POST to the FHIR base must be a Bundle of type batch or transaction.', 'Bundle')
  }
  switch (bundle.type) {
    case 'batch':
      return batch(exchange, rooms, await acceptEntries(bundle, rooms))
    case 'transaction':
      return transaction(
        exchange,
        rooms,
        await provideDocuments(exchange, rooms, bundle, allRight(await acceptEntries(bundle, rooms))),
      )
    default:
      throw refuse(
        'value',
        `Bundle.type must be batch or transaction here, not ${JSON.stringify(bundle.type)}.`,
        'Bundle.type',
      )
  }
}

/** All or nothing: what cannot be answered in one entry refuses all. @throws Refusal with every such entry */
function allRight(entries: BundleEntry[]): BundleEntry[] {
  const wrong = entries.flatMap((entry) => entry.wrong)
  if (wrong.length > 0) throw new Refusal(wrong)
  return entries
}

async function acceptEntries(bundle: Record<string, unknown>, rooms: Rooms): Promise<BundleEntry[]> {
  // Before the Bundle's own rules, because this says which entry is at fault.
  const entries = await parseEntries(bundle, rooms.baseUrl)
  await rooms.validateShell(bundle)
  return entries
}
