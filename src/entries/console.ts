import { type Context, main } from "../console/main.ts";
import { exit } from "../host/process.ts";

/** The command `azureml-clusters`. What talks to Azure is loaded when a command needs it. */
export async function console(load: Context["load"]): Promise<void> {
  const { env: environment, stdin, stdout, stderr, argv } = process;
  exit(await main(argv.slice(2), { load, environment, stdin, stdout, stderr }));
}
