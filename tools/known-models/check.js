import { describeRepository, offersOf, readKnownModels } from '../../dist/core/index.js'
import { hubAccess } from '../../dist/core/cli/hub-access.js'

/**
 * Holds `resources/models.json` against the hub: to be run by hand (`npm run build && node tools/known-models/check.js`), because it
 * uses the network. Exit status 1 where something differs. What can be checked without it is in test/core/hub/known-models.test.ts.
 */
const hub = hubAccess(process.env, undefined)
const { signal } = new AbortController()
let problems = 0

for (const { title, repository: name, file, aboutBytes, licence } of readKnownModels()) {
  for (const problem of await problemsOf({ name, file, aboutBytes, licence })) {
    console.log(`${title}: ${problem}`)
    problems++
  }
}
console.log(problems === 0 ? 'all as the hub says' : `${problems} to correct`)
process.exitCode = problems === 0 ? 0 : 1

async function problemsOf({ name, file, aboutBytes, licence }) {
  try {
    const repository = await describeRepository(hub, { kind: 'model', name }, signal)
    const offer = offersOf(repository).find((each) => each.name === file)
    if (offer === undefined) return [`${name} has no ${file}`]
    const rounded = Number(offer.byteLength.toPrecision(3))
    return [
      ...(rounded === aboutBytes ? [] : [`aboutBytes should be ${rounded}, is ${aboutBytes}`]),
      ...(repository.licence === licence ? [] : [`licence should be ${repository.licence}, is ${licence}`]),
    ]
  } catch (error) {
    return [error.message]
  }
}
