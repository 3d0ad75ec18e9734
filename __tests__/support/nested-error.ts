import type { ErrorBody } from "../../emulator/index.ts";

/** An error whose cause is three levels down, with everything that ARM's envelope may hold (arm-contract 8). */
export const nested: ErrorBody = {
  code: "BadRequest",
  message: "The compute could not be provisioned.",
  target: "gpu",
  details: [
    {
      code: "AgentError",
      message: "The agent answered:\n  no.",
      additionalInfo: [{ type: "PolicyViolation", info: { policy: "no-public-ip" } }],
      details: [{ code: "ImagePullBackOff", message: "The image can't be pulled." }],
    },
    { code: "AlsoThis", message: "A second reason." },
  ],
};

/** Its lines as a report shows them. */
export const shown = [
  "BadRequest (gpu): The compute could not be provisioned.",
  "  AgentError: The agent answered: no.",
  '    PolicyViolation: {"policy":"no-public-ip"}',
  "    ImagePullBackOff: The image can't be pulled.",
  "  AlsoThis: A second reason.",
];
