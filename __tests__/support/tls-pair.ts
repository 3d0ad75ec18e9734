import { grow } from "../model/certificate-zoo.ts";

const day = 86_400_000;

/** A certificate of a small authority, good for a year from now, with its key and the name that it is for. */
export async function tlsPair(
  options: { readonly cname?: string; readonly days?: number } = {},
): Promise<{ certificate: string; key: string; cname: string }> {
  const { cname = "scoring.contoso.com", days = 365 } = options;
  const times = { from: Date.now() - day, to: Date.now() + days * day };
  const root = await grow({ cn: "Root", names: [], from: Date.now() - day, to: Date.now() + 4000 * day });
  const leaf = await grow({ ...times, cn: cname, names: [cname], by: root });
  return { certificate: `${leaf.certificate}${root.certificate}`, key: leaf.privateKey, cname };
}
