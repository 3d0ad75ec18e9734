import { describe, expect, test } from "@jest/globals";
import { observeWork } from "../../src/azure/compute-work.ts";
import { endpoint, scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const workspace = {
  subscriptionId: "s",
  resourceGroup: "rg",
  type: "Microsoft.MachineLearningServices/workspaces",
  name: "ws",
};
const path = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws";
const compute = `${path}/computes/gpu`;
const named = { workspace, computeName: "gpu" };
const running = { name: "j", properties: { status: "Running", computeId: compute } };
const ended = { name: "e", properties: { status: "Completed", computeId: compute } };

/** Answers by the end of the path, and by the query. */
function answers(lists: Record<string, (url: URL) => { status: number; body: unknown }>) {
  return scriptedArm(({ url }) => {
    const { pathname } = new URL(url);
    const [, answer] = Object.entries(lists).find(([end]) => pathname.endsWith(end)) ?? [];
    return answer?.(new URL(url)) ?? { status: 200, body: { value: [] } };
  });
}

const list = (value: unknown[], nextLink?: string) => () => ({ status: 200, body: { value, nextLink } });

describe("what runs on a compute", () => {
  test("is read from every page, and what ended is left out", async () => {
    const { arm } = answers({
      "/jobs": (url) =>
        url.searchParams.has("$skip")
          ? { status: 200, body: { value: [running] } }
          : { status: 200, body: { value: [ended], nextLink: `${endpoint}${path}/jobs?$skip=1` } },
    });
    const { jobs, rollouts } = await virtually(() => observeWork(arm, named));
    expect(jobs).toEqual({ is: "present", value: { jobs: [running], isAll: true } });
    expect(rollouts).toEqual({ is: "present", value: [] });
  });

  test("is not read without end: old workspaces have tens of thousands of jobs", async () => {
    const { arm, requests } = answers({
      "/jobs": (url) => {
        const page = Number(url.searchParams.get("$skip") ?? "0");
        return {
          status: 200,
          body: { value: [ended], nextLink: `${endpoint}${path}/jobs?$skip=${page + 1}` },
        };
      },
    });
    const { jobs } = await virtually(() => observeWork(arm, named));
    expect(jobs).toEqual({ is: "present", value: { jobs: [], isAll: false } });
    expect(requests.filter(({ url }) => url.includes("/jobs")).length).toBeLessThan(50);
  });

  test("of endpoints is asked for those on the compute alone; one that goes meanwhile is none", async () => {
    const on = (name: string, where: string | null) => ({ name, properties: { compute: where } });
    const { arm, requests } = answers({
      "/onlineEndpoints": list([
        on("a", compute.toLowerCase()),
        on("b", compute),
        on("c", null),
        on("d", `${compute}2`),
      ]),
      "/a/deployments": list([{ name: "blue", properties: { provisioningState: "Scaling" } }]),
      "/b/deployments": () => ({ status: 404, body: { error: { code: "NotFound", message: "gone" } } }),
    });
    const { rollouts } = await virtually(() => observeWork(arm, named));
    expect(rollouts).toEqual({ is: "present", value: [{ name: 'deployment "a/blue"', state: "Scaling" }] });
    expect(requests.filter(({ url }) => url.includes("/deployments"))).toHaveLength(2);
  });

  test("that may not be read is told as such, each by itself", async () => {
    const refused = () => ({ status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } });
    const { arm } = answers({
      "/jobs": refused,
      "/onlineEndpoints": list([{ name: "a", properties: { compute } }]),
      "/a/deployments": refused,
    });
    const { jobs, rollouts } = await virtually(() => observeWork(arm, named));
    expect([jobs.is, rollouts.is]).toEqual(["denied", "denied"]);
  });
});
