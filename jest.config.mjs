import os from "node:os";

/** @type {import("jest").Config} */
export default {
  testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
  // A package of the emulator wants this polyfill before it is loaded.
  setupFiles: ["reflect-metadata"],
  // Microsoft's Azure ML client is CommonJS and requires packages that the product imports as ES modules. Jest refuses
  // such a require while the same package is still being linked, so that both take the same one.
  moduleNameMapper: { "^@azure/(core-[a-z-]+)$": "<rootDir>/node_modules/@azure/$1/dist/commonjs/index.js" },
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "es6" } },
    ],
  },
  // More than cores: tests of the built bundle wait for processes most of the time.
  maxWorkers: os.availableParallelism() + 1,
  testTimeout: 30_000,
};
