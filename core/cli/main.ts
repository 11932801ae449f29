import { Command, CommanderError } from 'commander'
import { EngineError } from '../schema/engine-error.js'
import { inputErrorCodes } from '../schema/errors.js'
import { programVersion } from '../schema/version.js'
import { addApplyCommand } from './apply-command.js'
import { addChatCommand } from './chat-command.js'
import { addConvertCommand } from './convert-command.js'
import { addDataCommands } from './data-command.js'
import { addDemoCommand } from './demo-command.js'
import { addDoctorCommand } from './doctor-command.js'
import { addEvalCommand } from './eval-command.js'
import { addExportCommand } from './export-command.js'
import { addGenerateCommand } from './generate-command.js'
import { addInspectCommand } from './inspect-command.js'
import { Output } from './output.js'
import { addPlanCommand } from './plan-command.js'
import { addPullCommand } from './pull-command.js'
import { addRecipesCommand } from './recipes-command.js'
import { addServeCommand } from './serve-command.js'
import { addTrainCommands } from './train-command.js'

/**
 * The command line. Exit status: 0 done, 1 failure, 2 wrong input.
 *
 * @param args without the program's own name
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await commandLine().parseAsync(args, { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError && (thrown.exitCode === 0 || thrown.code === 'commander.help')) {
      return thrown.exitCode === 0 ? 0 : 2
    }
    const error = thrown instanceof CommanderError ? wrongUsage(thrown) : EngineError.from(thrown)
    new Output({ json: args.includes('--json'), verbose: args.includes('--verbose') }).fail(error)
    return inputErrorCodes.has(error.code) ? 2 : 1
  }
}

function commandLine(): Command {
  const program = new Command('zerotune')
    .description('adapts a 4-bit language model on the computer you already have')
    .version(programVersion)
    .exitOverride()
    // A wrong option is reported like every other failure, by `main`.
    .configureOutput({ outputError: () => undefined })
  addPullCommand(program)
  addInspectCommand(program)
  addDataCommands(program)
  addPlanCommand(program)
  addTrainCommands(program)
  addEvalCommand(program)
  addExportCommand(program)
  addApplyCommand(program)
  addConvertCommand(program)
  addGenerateCommand(program)
  addChatCommand(program)
  addDemoCommand(program)
  addRecipesCommand(program)
  addDoctorCommand(program)
  addServeCommand(program)
  return program
}

/** Commander's own sentence about a wrong option, on one line. */
function wrongUsage({ message, code }: CommanderError): EngineError {
  const sentence = message.replace(/^error: /, '').replaceAll('\n', ' ')
  const hint = code.startsWith('commander.unknown') ? ' (--help lists what there is)' : ''
  return new EngineError('request-invalid', { issues: [sentence] }, sentence + hint)
}
