import type { Questionnaire } from '@medplum/fhirtypes'
import type { Issue } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { ProfileMode } from '../settings/shapes.ts'
import { createRules } from './compile.ts'
import { checkNationalNumber } from './national-number.ts'
import { Pace, type PaceOptions } from './pace.ts'
import { createProfiles, type ProfileSource } from './profiles/profiles.ts'
import { checkCalculations } from './questionnaire/check-calculations.ts'
import { checkByQuestionnaire, type QuestionnaireSource } from './questionnaire/find-questionnaire.ts'
import { vitalSignProfiles } from './vital-signs.ts'
import { type Fields, quote, Walk, type WalkOptions } from './walk.ts'

export type ValidateOptions = WalkOptions & {
  /** Where the body stands in something larger: `Bundle.entry[2].resource`. Its own type when left out. */
  path?: string
}

export type ValidatorOptions = {
  /** Profiles and value sets beyond those of R4 itself. */
  source?: ProfileSource & QuestionnaireSource
  /** What becomes of what breaks a claimed profile or the definition of an extension, by resource type; `refuse` when left out. */
  modeOf?: (type: string) => ProfileMode
  /** What becomes of a vital sign that breaks R4's profile for its code without claiming it; `off` when left out. */
  vitalSigns?: ProfileMode
  /** What becomes of an Identifier that can be no number of its national system; `off` when left out. */
  nationalNumbers?: { mode: ProfileMode; acceptsSynthetic: boolean }
}

export type Validator = {
  /**
   * Checks a parsed body against the base definitions of R4 (structure, cardinality, formats, required bindings, references,
   * invariants), the profiles that it claims, and the definitions of its extensions. Throws for nothing that can be sent.
   * @param expectedType the type that the URL names
   * @returns all issues, at most 100 and a word that there are more; empty or without an error means conformant
   */
  validate(body: unknown, expectedType?: string, options?: ValidateOptions): Issue[]
  /** The same, with others going first after each ten milliseconds: for what may be large. */
  validateInTurns(body: unknown, expectedType?: string, options?: ValidateOptions & PaceOptions): Promise<Issue[]>
}

/** https://hl7.org/fhir/R4/validation.html. Rules are compiled per type or profile at its first use, and kept. */
export function createValidator(
  definitions: Definitions,
  {
    source = ofR4(definitions),
    modeOf = () => 'refuse',
    vitalSigns = 'off',
    nationalNumbers = { mode: 'off', acceptsSynthetic: true },
  }: ValidatorOptions = {},
): Validator {
  const profiles = createProfiles(definitions, source)
  /** Lets `check` refuse, warn or not run at all, as the type of the resource asks that the walk is in. */
  const inMode = (walk: Walk, check: () => void) => {
    const mode = modeOf(String(walk.resource.resourceType))
    if (mode === 'off') return
    const { isAdvice } = walk
    walk.isAdvice = isAdvice || mode === 'warn'
    check()
    walk.isAdvice = isAdvice
  }
  const checkVitalSign = (resource: Fields, walk: Walk) => {
    if (vitalSigns === 'off' && !walk.options.advisesOnVitalSigns) return
    const check = () => {
      for (const profile of vitalSignProfiles(resource)) profiles.checkAsked(profile, resource, walk)
    }
    if (vitalSigns === 'refuse') check()
    else walk.advise(check)
  }
  /** Before the profiles that may only advise: a walk checks a value by a profile once, and what is asked for must be an error. */
  const checkAsked = (resource: Fields, walk: Walk) => {
    if (walk.path.length > 1) return
    for (const canonical of walk.options.profiles ?? []) profiles.checkAsked(canonical, resource, walk)
  }
  const rules = createRules(definitions, {
    resource(resource, walk) {
      checkAsked(resource, walk)
      if (resource.resourceType === 'QuestionnaireResponse' && walk.errorCount === 0)
        inMode(walk, () => checkByQuestionnaire(resource, walk, source))
      if (resource.resourceType === 'Questionnaire' && walk.errorCount === 0)
        inMode(walk, () => checkCalculations(resource as unknown as Questionnaire, walk))
      if (resource.resourceType === 'StructureDefinition') inMode(walk, () => profiles.checkDefinition(resource, walk))
      if ((resource.meta as Fields | undefined)?.profile !== undefined)
        inMode(walk, () => profiles.checkClaimed(resource, walk))
      if (resource.resourceType === 'Observation') checkVitalSign(resource, walk)
    },
    identifier: (identifier, walk) => {
      if (nationalNumbers.mode === 'refuse') checkNationalNumber(identifier, walk, nationalNumbers)
      else if (nationalNumbers.mode === 'warn')
        walk.advise(() => checkNationalNumber(identifier, walk, nationalNumbers))
    },
    knowsExtension: (url) => source.profile(url.split('|', 1)[0] ?? '') !== undefined,
    extension: (extension, walk) => inMode(walk, () => profiles.checkExtension(extension, walk)),
  })
  const walkThrough = (body: unknown, expectedType: string | undefined, options: ValidateOptions, pace?: Pace) => {
    const { path, ...walkOptions } = options
    const type = typeOf(body)
    const known = type !== undefined && definitions.resourceTypes.has(type) ? type : undefined
    const walk = new Walk(path ?? known ?? expectedType ?? 'Resource', walkOptions, pace)
    if (expectedType !== undefined && type !== undefined && type !== expectedType) {
      walk.report(
        'invalid',
        `The resource must be of type ${expectedType}, as the URL says, not ${quote(type)}.`,
        'resourceType',
      )
      return walk.issues
    }
    if (typeof body === 'object' && body !== null) walk.rootResource = body as Record<string, unknown>
    rules.checkResource(body, walk)
    return walk.issues
  }
  return {
    validate: (body, expectedType, options = {}) => walkThrough(body, expectedType, options),
    validateInTurns(body, expectedType, { itemCountMin, begin, ...options } = {}) {
      const pace = new Pace({ ...(itemCountMin === undefined ? {} : { itemCountMin }), ...(begin ? { begin } : {}) })
      return pace.run(() => walkThrough(body, expectedType, options, pace))
    },
  }
}

/** What R4 itself publishes, when nothing else is given. */
const ofR4 = (definitions: Definitions): ProfileSource => ({
  profile: definitions.profile,
  codes: definitions.codes,
  generation: 0,
})

function typeOf(body: unknown): string | undefined {
  const resourceType =
    typeof body === 'object' && body !== null && 'resourceType' in body ? body.resourceType : undefined
  return typeof resourceType === 'string' ? resourceType : undefined
}
