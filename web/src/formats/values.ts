/** Values of parameters as text. */

/** One line: strings as they are, anything else as JSON. */
export function inline(value: unknown): string {
  return typeof value === "string" ? value : json(value);
}

/** Many lines: strings as they are, anything else as indented JSON. */
export function block(value: unknown): string {
  return typeof value === "string" ? value : json(value, 2);
}

function json(value: unknown, indent?: number): string {
  return value === undefined ? "" : JSON.stringify(value, null, indent);
}

/** `system.Dataset` as `Dataset`. */
export function typeName(schemaTitle: string): string {
  return schemaTitle.replace(/^system\./, "") || "Artifact";
}

/** The first characters of an id, where a name stands beside it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** The first characters of a digest such as `sha256:18151f…`. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 8);
}
