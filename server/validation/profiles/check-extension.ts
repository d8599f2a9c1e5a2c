import { compileFhirPath } from '../../core/fhirpath/evaluate.ts'
import type { Profile } from '../../definitions/cut-profile.ts'
import { type Fields, quote, type Walk } from '../walk.ts'
import { holderOf } from './extension-holder.ts'
import type { ProfileRooms } from './profile-rooms.ts'

/**
 * Checks an extension by its definition, wherever it is: its content, whether it may stand there, and whether it may change
 * the meaning of what it stands in. An extension that nobody knows is let through, as R4 asks, unless it is a modifier, which
 * R4 forbids to ignore. https://hl7.org/fhir/R4/extensibility.html#modifierExtension
 */
export function checkExtension(extension: Fields, walk: Walk, rooms: ProfileRooms): void {
  const { url } = extension
  // Inside a complex extension the urls are names of its own.
  if (typeof url !== 'string' || !url.includes(':')) return
  const [canonical = '', version] = url.split('|')
  if (version !== undefined)
    walk.report('value', `The url of an extension must not have a version: ${quote(url)}.`, 'url')
  const isModifier = walk.path.findLast((segment) => typeof segment === 'string') === 'modifierExtension'
  const profile = rooms.findProfile(canonical)
  if (!profile) {
    if (isModifier) walk.report('not-supported', `The modifier extension ${quote(url)} is not known here.`)
    return
  }
  if (profile.type !== 'Extension') {
    walk.report('value', `${quote(url)} is the canonical of a profile of ${profile.type}, not of an extension.`, 'url')
    return
  }
  checkPlace(profile, isModifier, walk, rooms)
  rooms.check(canonical, { value: extension, type: 'Extension', segments: [] }, walk)
}

function checkPlace(profile: Profile, isModifier: boolean, walk: Walk, rooms: ProfileRooms): void {
  const isDefinedAsModifier = rooms.findTree(profile.url ?? '')?.root.definition.isModifier === true
  if (isModifier !== isDefinedAsModifier)
    walk.report(
      'structure',
      isModifier
        ? `${profile.url} is no modifier extension, and belongs in extension.`
        : `${profile.url} is a modifier extension, and belongs in modifierExtension.`,
    )
  if (isModelOfAValue(walk)) return
  const contexts = [...(profile.context ?? []), ...(CONTEXT_ERRATA[profile.url ?? ''] ?? [])]
  if (contexts.length > 0 && !contexts.some((context) => isAllowed(context, walk, rooms)))
    walk.report(
      'structure',
      `The extension ${profile.url} may not stand here, only in ${contexts.map(({ expression }) => expression).join(', ')}.`,
    )
}

type Context = NonNullable<Profile['context']>[number]

/** In the definition of an element an example, or what it is fixed to, stands for a value of that element. */
const isModelOfAValue = ({ resource, path }: Walk): boolean =>
  resource.resourceType === 'StructureDefinition' &&
  path.some((segment) => /^(?:value|fixed|pattern|defaultValue|minValue|maxValue)\.ofType/.test(String(segment)))

/** Where R4 itself uses extensions of its own outside of what it says of them; R5 has mended their contexts. */
const CONTEXT_ERRATA: Readonly<Record<string, Context[]>> = {
  'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type': [
    { type: 'element', expression: 'ElementDefinition.type' },
  ],
  // On the type of each primitive's value, in R4's own definitions of string, code, id and others.
  'http://hl7.org/fhir/StructureDefinition/regex': [{ type: 'element', expression: 'ElementDefinition.type' }],
  'http://hl7.org/fhir/StructureDefinition/structuredefinition-normative-version': [
    { type: 'element', expression: 'DomainResource' },
  ],
  // By HL7's maps an ActivityDefinition that says "do not" becomes a request of these kinds with it.
  'http://hl7.org/fhir/StructureDefinition/request-doNotPerform': ['Task', 'DeviceRequest', 'SupplyRequest'].map(
    (expression) => ({ type: 'element', expression }),
  ),
}

/** https://hl7.org/fhir/R4/defining-extensions.html#context */
function isAllowed({ type, expression = '' }: Context, walk: Walk, rooms: ProfileRooms): boolean {
  const holder = holderOf(walk, rooms)
  switch (type) {
    case 'element':
      return expression === 'Element' || holder.names.has(expression)
    case 'extension':
      return holder.extensionUrl === expression
    default:
      try {
        return compileFhirPath(expression)(walk.resource, { resource: walk.resource }).includes(holder.value)
      } catch {
        return true // What cannot be evaluated refuses nobody.
      }
  }
}
