// Translates CQL into ELM beside the event loop: loading the translator takes half a second, the first translation three, and each
// after it some tens of milliseconds.
import { parentPort } from 'node:worker_threads'
import { SystemModelInfoProvider } from '@cqframework/cql/cql'
import {
  CqlCompilerOptions,
  CqlTranslator,
  createLibrarySourceProvider,
  createModelInfoProvider,
  createUcumService,
  LibraryManager,
  ModelManager,
  stringAsSource,
} from '@cqframework/cql/cql-to-elm'
import type { VersionedIdentifier } from '@cqframework/cql/elm'
import ucum from '@lhncbc/ucum-lhc'
import { say } from '../process/thread-says.ts'
import { FHIR_HELPERS, FHIR_VERSION, fhirHelpers, readModelInfo } from './fhir-helpers.ts'
import type { Translation, TranslationJob, TranslationProblem } from './translation.ts'

const modelInfo = readModelInfo()
const helpers = fhirHelpers(modelInfo)
const models = new ModelManager()
models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider())
models.modelInfoLoader.registerModelInfoProvider(
  createModelInfoProvider((name, _system, version) =>
    name === 'FHIR' && (!version || version === FHIR_VERSION) ? stringAsSource(modelInfo) : null,
  ),
)

const units = ucum.UcumLhcUtils.getInstance()
/** Only the translator's own engine works with units; translating asks whether they are units at all. */
const unfolded = (): never => {
  throw new Error('Nothing is worked out while CQL is translated.')
}
const ucumService = createUcumService(
  unfolded,
  (unit) => (units.validateUnitString(unit).status === 'valid' ? null : `'${unit}' is no unit of UCUM`),
  unfolded,
  unfolded,
)

/** Compiling FHIRHelpers takes most of the time of a translation, and it is the same for all. */
let compiledHelpers: [id: VersionedIdentifier, compiled: unknown] | undefined

function translate({ source, includes }: TranslationJob): Translation {
  const manager = new LibraryManager(
    models,
    CqlCompilerOptions.defaultOptions().withOptions([]),
    undefined,
    ucumService,
  )
  manager.librarySourceLoader.registerProvider(
    createLibrarySourceProvider((name, _system, version) => {
      const found = includes.find((one) => one.name === name && (!version || one.version === version))
      if (found) return stringAsSource(found.source)
      const isBuiltIn = name === FHIR_HELPERS && (!version || version === FHIR_VERSION)
      return isBuiltIn ? stringAsSource(helpers) : null
    }),
  )
  const hasOwnHelpers = includes.some(({ name }) => name === FHIR_HELPERS)
  if (compiledHelpers && !hasOwnHelpers) manager.compiledLibraries.asJsMapView().set(...compiledHelpers)
  const translator = CqlTranslator.fromText(source, manager)
  if (!hasOwnHelpers) {
    compiledHelpers ??= [...manager.compiledLibraries.asJsMapView()].find(([{ id }]) => id === FHIR_HELPERS)
  }
  const problems = translator.errors.asJsReadonlyArrayView().map(toProblem)
  if (problems.length > 0) return { problems: withoutEchoes(problems) }
  return { elm: JSON.stringify(JSON.parse(translator.toJson()), withoutAnnotations) }
}

/** Where the translator stumbles over what it has told already, it says so again without a cause. */
function withoutEchoes(problems: TranslationProblem[]): TranslationProblem[] {
  const causes = problems.filter(({ message }) => !message.startsWith('Internal translator error'))
  return causes.length > 0 ? causes : problems
}

/** What only people read; half of the text. */
const withoutAnnotations = (name: string, value: unknown) =>
  name === 'annotation' || name === 'locator' ? undefined : value

type Exception = { message: string; locator?: { toString(): string } | null }

/** Its places are told as text alone: `startLine=5, startChar=29`. */
function toProblem({ message, locator }: Exception): TranslationProblem {
  const place = locator?.toString() ?? ''
  const line = /startLine=(\d+)/.exec(place)?.[1]
  const column = /startChar=(\d+)/.exec(place)?.[1]
  return { message, ...(line ? { line: Number(line) } : {}), ...(column ? { column: Number(column) } : {}) }
}

function answerOf(job: TranslationJob): Translation {
  try {
    return translate(job)
  } catch (error) {
    return { problems: [{ message: error instanceof Error ? error.message : String(error) }] }
  }
}

parentPort?.on('message', (text: string) => {
  say({ answer: JSON.stringify(answerOf(JSON.parse(text) as TranslationJob)) })
})
// The first translation takes seconds, and is nobody's.
answerOf({ source: `library Warm using FHIR version '${FHIR_VERSION}' include FHIRHelpers define X: 1`, includes: [] })
say({ ready: true })
