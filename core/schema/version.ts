/** Version of this program, as files that it writes say. Equal to package.json's. */
export const programVersion = '0.1.0'
