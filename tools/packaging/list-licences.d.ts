/** Every package that is in what we give out. */
export function bundledLicences(): Promise<
  readonly {
    readonly name: string
    readonly version: string
    readonly licence: string
    readonly text: string
  }[]
>
