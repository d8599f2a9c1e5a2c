import { createHash } from 'node:crypto'
import { Unevaluable } from '../core/decide/evaluator.ts'
import { FHIR_HELPERS } from '../cql/fhir-helpers.ts'
import { libraryKey } from '../cql/library-key.ts'
import {
  type CqlGround,
  type CqlLibrary,
  type DefineRef,
  findDefine,
  type LibrarySet,
  toCqlLibrary,
} from '../cql/library-set.ts'
import { builtInHelpers } from '../cql/read-library-set.ts'
import type { Source, Translation, TranslationJob } from '../cql/translation.ts'
import type { CqlQuestion } from './call.ts'
import type { CqlJob } from './job.ts'

/** A CQL expression as a thread is asked it: once without the libraries, and with them when it does not know them. */
export type CqlAsk = { job: string; withElms: () => string }

/** Who translates CQL. */
export type CqlRooms = { translate(job: TranslationJob): Promise<Translation> }

/** Languages in which an expression is a name, and never an expression of its own. */
const BY_NAME = new Set(['text/cql-identifier', 'text/cql.identifier'])

/**
 * What a CQL expression asks of which library. In `text/cql` a name is a definition when there is one, and everything else is an
 * expression of its own, which is translated as one more definition of the first library that is named, or of a library of its own.
 * @throws Unevaluable for a name that is not defined, and for what cannot be translated
 * @see https://hl7.org/fhir/R4/valueset-expression-language.html
 */
export async function toCqlAsk(question: CqlQuestion, ground: CqlGround, rooms: CqlRooms | undefined): Promise<CqlAsk> {
  const set = ofContext(ground.set, question.libraries)
  const found = findDefine(set, question.expression, question.reference)
  if (found) return askFor(found, ground.set.libraries, question, ground)
  if (BY_NAME.has(question.language)) throw undefinedName(question, set)
  if (!rooms) throw new Unevaluable('not-supported', 'CQL that stands in a plan itself is not translated here')
  const inline = await translateInline(question.expression, set, rooms)
  const others = ground.set.libraries.filter(({ name }) => name !== inline.library.name)
  const libraries = [inline.library, ...others]
  const hasHelpers = others.some(({ name }) => name === FHIR_HELPERS)
  return askFor(inline, hasHelpers ? libraries : [...libraries, builtInHelpers()], question, ground)
}

/** The libraries of the definition in which the expression stands come first; those of the plan around it are there too. */
function ofContext(set: LibrarySet, canonicals: string[]): LibrarySet {
  const urls = canonicals.map((canonical) => canonical.split('|')[0])
  const own = set.named.filter(({ url }) => urls.includes(url))
  return { ...set, named: [...own, ...set.named.filter((library) => !own.includes(library))] }
}

function askFor(
  { library, define }: DefineRef,
  libraries: CqlLibrary[],
  { now }: CqlQuestion,
  { data, valueSets, parameters = {} }: CqlGround,
): CqlAsk {
  const hash = createHash('sha256')
  for (const { elm } of libraries) hash.update(elm).update('\n')
  const job: CqlJob = {
    ...{ kind: 'cql', set: hash.digest('base64'), library: libraryKey(library), define },
    ...{ valueSets, data, parameters, now: now.toISOString() },
  }
  return {
    job: JSON.stringify(job),
    withElms: () => JSON.stringify({ ...job, elms: libraries.map(({ elm }) => elm) } satisfies CqlJob),
  }
}

function undefinedName({ expression }: CqlQuestion, { named, problems }: LibrarySet): Unevaluable {
  const where = named.length > 0 ? named.map(libraryKey).join(', ') : 'any library: none that is named here can be used'
  const because = problems.length > 0 ? ` (${problems.join('; ')})` : ''
  return new Unevaluable('processing', `'${expression}' is not defined in ${where}${because}`)
}

const ANSWER = 'Answer of the expression'

async function translateInline(
  expression: string,
  { named, libraries, problems }: LibrarySet,
  { translate }: CqlRooms,
): Promise<DefineRef> {
  const within = named.find(({ source }) => source !== undefined)
  const source = `${within?.source ?? ALONE}\ndefine "${ANSWER}":\n  ${expression}\n`
  const includes = libraries.flatMap(({ name, version, source: inner }): Source[] =>
    inner === undefined || name === within?.name ? [] : [{ name, version, source: inner }],
  )
  const translation = await translate({ source, includes })
  if ('elm' in translation) return { library: toCqlLibrary(translation.elm), define: ANSWER }
  const said = [...translation.problems.map(({ message }) => message), ...problems].join('; ')
  throw new Unevaluable('processing', `the CQL '${shorten(expression)}' cannot be translated: ${said}`)
}

const ALONE = `library Expression using FHIR version '4.0.1' include FHIRHelpers version '4.0.1' context Patient`

const shorten = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text)
