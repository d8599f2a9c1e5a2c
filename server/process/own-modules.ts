import { registerHooks } from 'node:module'

/**
 * Our own modules name each other by where they lie, with their extension: there is nothing to look for. Node would ask for each import
 * whether the file is there, what it is linked to, and in which package it is, to know that it is a module. That is a fifth of the processor
 * time of loading the server. Whatever else is imported, and by whom, is found as ever; a module that is not there fails when it is read.
 * Of this thread alone.
 * @see https://nodejs.org/api/module.html#synchronous-hooks-accepted-by-moduleregisterhooks
 */
export function findOwnModules(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const url = ownModule(specifier, context.parentURL)
      return url === undefined ? next(specifier, context) : { url, format: 'module-typescript', shortCircuit: true }
    },
  })
}

const isSource = (place: string): boolean => place.endsWith('.ts')

/** The address of what one of our modules imports by its way from there; undefined for anything else. */
export function ownModule(specifier: string, importer: string | undefined): string | undefined {
  const isNamed = (specifier.startsWith('./') || specifier.startsWith('../')) && isSource(specifier)
  if (!isNamed || !importer?.startsWith('file:') || !isSource(importer)) return undefined
  return importer.includes('/node_modules/') ? undefined : new URL(specifier, importer).href
}
