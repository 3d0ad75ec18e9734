import { expect, test } from "@jest/globals";
import { regionName } from "../../src/model/region.ts";

test("a region has one name", () => {
  expect(["East US 2", "eastus2", "EastUS2"].map(regionName)).toEqual(["eastus2", "eastus2", "eastus2"]);
});
