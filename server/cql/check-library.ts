import type { Library } from '@medplum/fhirtypes'
import { Refusal } from '../core/fhir/outcome.ts'
import { parseElm } from './elm.ts'
import type { ElmBook } from './elm-book.ts'
import { contentOf, elmIndexOf } from './library-content.ts'
import { chooseLibrary, type FindLibrary, readSources } from './read-library-set.ts'

/**
 * Translates the CQL of a Library that is being stored, so that it is ready when a plan names it. One with ELM of its own is taken as
 * it is. A draft may be unfinished, and CQL over another model than FHIR 4.0.1 (FHIRHelpers 4.0.0, which R4's own examples have) cannot be
 * judged here: these are stored, and told when they are used.
 * @param together Libraries that are stored at the same time, which it may include
 * @throws Refusal `invalid` with every error of the translator, its line and column; the expression is the attachment
 */
export async function checkLibrary(
  library: Library,
  together: Library[],
  { elms, find }: { elms: ElmBook; find: FindLibrary },
): Promise<void> {
  const { elm, source, sourceIndex } = contentOf(library)
  const problems =
    elm !== undefined
      ? problemsOfElm(elm)
      : source === undefined || isOfAnotherModel(source)
        ? []
        : await translate(source, async (wanted) => chooseLibrary(together, wanted) ?? find(wanted), elms)
  if (problems.length === 0 || library.status === 'draft') return
  const index = elm === undefined ? sourceIndex : elmIndexOf(library)
  throw new Refusal(
    problems.map((diagnostics) => ({
      ...{ severity: 'error', code: 'invalid', diagnostics },
      expression: [`Library.content[${index}].data`],
    })),
  )
}

/** `using FHIR version '4.0.0'`, `using QDM version '5.5'`. https://cql.hl7.org/02-authorsguide.html#data-models */
const isOfAnotherModel = (source: string): boolean =>
  [...source.matchAll(/^\s*using\s+(?:"([^"]+)"|([\w.]+))(?:\s+version\s+'([^']*)')?/gm)].some(
    ([, quoted, plain, version]) => (quoted ?? plain) !== 'FHIR' || (version !== undefined && version !== '4.0.1'),
  )

async function translate(source: string, find: FindLibrary, elms: ElmBook): Promise<string[]> {
  const translation = await elms.elmOf(source, () => readSources(source, find))
  if ('elm' in translation) return []
  return translation.problems.map(({ message, line, column }) =>
    line === undefined ? message : `Line ${line}, column ${column}: ${message}`,
  )
}

function problemsOfElm(elm: string): string[] {
  try {
    parseElm(elm)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
