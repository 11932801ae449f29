/** Refuses what was built where a fuse of a program is not as it should be. */
export default function afterBuild(result: { readonly outDir: string }): Promise<string[]>
