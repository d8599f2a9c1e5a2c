/** `name|version`, by which libraries are told apart. */
export const libraryKey = ({ name, version }: { name: string; version?: string | undefined }): string =>
  version ? `${name}|${version}` : name
