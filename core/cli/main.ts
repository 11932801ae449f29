import { Command, CommanderError } from 'commander'
import { EngineError } from '../schema/engine-error.js'
import { inputErrorCodes } from '../schema/errors.js'
import { addTrainCommands } from './train-command.js'
import { Output } from './output.js'

/**
 * The command line. Exit status: 0 done, 1 failure, 2 wrong input.
 *
 * @param args without the program's own name
 */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('zerotune')
    .description('adapts a 4-bit language model on the computer you already have')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(zerotune --help lists the commands)')
  addTrainCommands(program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    const error = EngineError.from(thrown)
    const flags = { json: args.includes('--json'), verbose: args.includes('--verbose') }
    new Output(flags).fail(error)
    return inputErrorCodes.has(error.code) ? 2 : 1
  }
}
