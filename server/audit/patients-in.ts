/**
 * The patients that a resource is, or tells of: ids, each once. From its text as it is stored, where each reference stands as it was
 * written; a text of 1 KB takes well under a microsecond.
 * @param baseUrl of the FHIR base, for references that name it; others' patients are not ours
 */
export function patientsIn(
  { type, id, text = '' }: { type: string; id: string; text?: string | undefined },
  baseUrl?: string,
): string[] {
  const found = new Set<string>()
  if (type === 'Patient') found.add(id)
  for (let at = text.indexOf(REFERENCE); at >= 0; at = text.indexOf(REFERENCE, at + REFERENCE.length)) {
    const isRelative = text.charCodeAt(at - 1) === QUOTE
    if (!isRelative && !(baseUrl && text.startsWith(`"${baseUrl}/`, at - baseUrl.length - 2))) continue
    ID.lastIndex = at + REFERENCE.length
    const patient = ID.exec(text)?.[1]
    if (patient) found.add(patient)
  }
  return [...found]
}

const REFERENCE = 'Patient/'
const QUOTE = 34
const ID = /([A-Za-z0-9.-]{1,64})(?=["/])/y
