const UNITS = ["B", "KB", "MB", "GB", "TB"];
const STEP = 1024;

/** Writes a number of bytes: `1.5GB`. One GB is 2^30 bytes, as everywhere here. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log(count) / Math.log(STEP)), UNITS.length - 1);
  return `${Number((count / STEP ** power).toFixed(1))}${UNITS[power]}`;
}
