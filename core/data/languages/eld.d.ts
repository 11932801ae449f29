/** What is used of the package: it also has methods that change it for everybody. */
declare module 'eld/extrasmall' {
  export const eld: {
    /** An ISO 639-1 code, empty where nothing is found. */
    detect(text: string): { readonly language: string; isReliable(): boolean }
  }
}
