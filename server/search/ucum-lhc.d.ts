declare module '@lhncbc/ucum-lhc' {
  /** What we use of it; the package brings no types. */
  const ucum: {
    UcumLhcUtils: {
      getInstance(): {
        convertToBaseUnits(
          code: string,
          value: number,
        ):
          | { status: 'succeeded'; magnitude: number; unitToExp: Record<string, number> }
          | { status: 'failed' | 'invalid' | 'error' }
        validateUnitString(code: string): { status: 'valid' | 'invalid' | 'error'; ucumCode: string | null }
      }
    }
  }
  export default ucum
}
