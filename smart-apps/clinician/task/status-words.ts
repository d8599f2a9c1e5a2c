import type { Told } from '../../../server/core/decide/words/told.ts'

/** How a Task stands, in a word. */
export const STATUS_WORDS: Readonly<Record<string, Told>> = {
  draft: { nb: 'utkast', nn: 'utkast', en: 'draft' },
  requested: { nb: 'venter', nn: 'ventar', en: 'waiting' },
  received: { nb: 'mottatt', nn: 'motteken', en: 'received' },
  accepted: { nb: 'tatt', nn: 'teken', en: 'taken' },
  ready: { nb: 'klar', nn: 'klar', en: 'ready' },
  'in-progress': { nb: 'i arbeid', nn: 'i arbeid', en: 'in progress' },
  'on-hold': { nb: 'på vent', nn: 'på vent', en: 'on hold' },
  completed: { nb: 'avsluttet', nn: 'avslutta', en: 'ended' },
  cancelled: { nb: 'trukket tilbake', nn: 'trekt tilbake', en: 'withdrawn' },
  rejected: { nb: 'avslått', nn: 'avslegen', en: 'rejected' },
  failed: { nb: 'mislyktes', nn: 'mislukkast', en: 'failed' },
  'entered-in-error': { nb: 'feilført', nn: 'feilført', en: 'entered in error' },
}
