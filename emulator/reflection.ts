/**
 * `@peculiar/x509` loads `tsyringe`, which refuses to load without the polyfill `reflect-metadata`. Nothing that the
 * emulator uses of either reads metadata, so two answers of "none" are enough. Import this first.
 */
interface Metadata {
  getMetadata?: () => undefined;
  getOwnMetadata?: () => undefined;
  defineMetadata?: () => void;
}

const reflect = Reflect as Metadata;
reflect.getMetadata ??= () => undefined;
reflect.getOwnMetadata ??= () => undefined;
reflect.defineMetadata ??= () => {};
