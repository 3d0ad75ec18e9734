import path from "node:path";

const root = path.join(import.meta.dirname, "../..");

/** The action.yml of an action; that of the root action stands in no folder. */
export function doorOf(action: string): string {
  return path.join(root, action === "ensure" ? "." : action, "action.yml");
}
