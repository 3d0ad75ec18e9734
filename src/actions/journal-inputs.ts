import * as v from "valibot";
import { word } from "./inputs.ts";

/** The inputs of everything that may detach a compute and attach it again (`design.md` 6). */
export const journalEntries = {
  journal: v.optional(word(["cluster", "none"]), "cluster"),
  resume: v.optional(word(["auto", "discard"]), "auto"),
  "if-locked": v.optional(word(["wait", "fail"]), "wait"),
};
