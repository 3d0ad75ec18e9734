/** `West Europe` and `westeurope` are one region to Resource Manager; paths have the second. */
export function regionName(location: string): string {
  return location.replace(/\s+/g, "").toLowerCase();
}
