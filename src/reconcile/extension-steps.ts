import type { Arm } from "../azure/arm.ts";
import type { Extensions } from "../azure/extensions.ts";
import type { Answer } from "../azure/wire.ts";
import type { Extension } from "../model/azure-resources.ts";
import { stateOf } from "../model/compute.ts";
import type { ExtensionPatch } from "../model/extension-change.ts";
import type { ExtensionBody } from "../model/extension-derived.ts";
import { type Observed, present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import { extensionFailure, removalFailure } from "./extension-failure.ts";
import { ResourceSteps, type Watcher } from "./resource-steps.ts";

/** The steps that bring an extension about, change it, or take it out of its cluster. */
export class ExtensionSteps extends ResourceSteps<Extension> {
  readonly #extensions: Extensions;
  readonly #name: string;

  constructor(arm: Arm, extensions: Extensions, name: string, watcher: Watcher) {
    super(
      arm,
      {
        noun: `extension "${name}"`,
        get: () => extensions.get(name),
        failed: extensionFailure,
        notRemoved: (extension, reasons) => removalFailure(name, extension, reasons),
      },
      watcher,
    );
    this.#extensions = extensions;
    this.#name = name;
  }

  /** Sends the PUT and waits until it is accepted. */
  create(body: ExtensionBody): Promise<Answer | undefined> {
    return this.settle(
      () => this.#extensions.put(this.#name, body),
      (seen) => seen.is === "present" && !isDeleting(seen),
      "Creating",
    );
  }

  /** Sends the PATCH and waits until it is accepted; `applied` tells from the extension that it was. */
  update(body: ExtensionPatch, applied: (extension: Extension) => boolean): Promise<Answer | undefined> {
    return this.settle(
      () => this.#extensions.patch(this.#name, body),
      (seen) => seen.is === "present" && applied(seen.value),
      "Updating",
    );
  }

  /** Sends the DELETE and waits until it is accepted. */
  delete(): Promise<Answer | undefined> {
    return this.settle(
      () => this.#extensions.delete(this.#name),
      (seen) => seen.is === "absent" || isDeleting(seen),
      "Deleting",
    );
  }
}

function isDeleting(seen: Observed<Extension>): boolean {
  const extension = present(seen);
  return extension !== undefined && sameText(stateOf(extension), "Deleting");
}
