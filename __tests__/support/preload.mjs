// Microsoft's Azure ML client is CommonJS and requires packages that the product imports as ES modules. Jest
// refuses such a require while the same package is still being linked, so that it is linked here first.
import "@azure/core-rest-pipeline";
// The same holds for a package of the emulator that wants this polyfill before it is loaded.
import "reflect-metadata";
