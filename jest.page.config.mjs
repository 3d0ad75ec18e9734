import base from "./jest.config.mjs";

/** The fleet page in a real browser: `npm run test:page`. @type {import("jest").Config} */
export default { ...base, testMatch: ["<rootDir>/__tests__/page/*.chromium.ts"] };
