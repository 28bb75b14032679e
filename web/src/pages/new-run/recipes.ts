/** The same run, started without this page. Pure. */

export interface Recipe {
  host: string;
  /** Display name of the run. */
  name: string;
  experimentId: string;
  /** Name of the package file, where one is needed. */
  file: string;
  /** The registered version, if it is one. */
  registered?: { pipelineId: string; versionId: string };
  values: Readonly<Record<string, unknown>>;
}

/** Python, with wherry's client or kfp's. */
export function asPython({ host, name, experimentId, file, registered, values }: Recipe): string {
  const source =
    registered === undefined
      ? `    pipeline_package_path=${python(file)},`
      : `    pipeline_id=${python(registered.pipelineId)},\n    version_id=${python(registered.versionId)},`;
  return `from wherry.client import Client  # or kfp.Client

client = Client(host=${python(host)})
client.run_pipeline(
    experiment_id=${python(experimentId)},
    job_name=${python(name)},
${source}
    params=${python(values, 1)},
)
`;
}

/** A command. */
export function asCommand({ host, name, file, values }: Recipe): string {
  const params = Object.entries(values).map(([key, value]) => `--param ${shell(`${key}=${argument(value)}`)}`);
  return ["wherry run " + shell(file), `--host ${shell(host)}`, `--name ${shell(name)}`, ...params].join(" \\\n  ") + "\n";
}

function argument(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Quoted for a POSIX shell, where it has to be. */
export function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A JSON value as a Python expression; dicts over several lines. */
export function python(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map((one) => python(one, depth + 1)).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value);
    if (entries.length === 0) return "{}";
    const indent = "    ".repeat(depth + 1);
    const lines = entries.map(([key, one]) => `${indent}${JSON.stringify(key)}: ${python(one, depth + 1)},`);
    return `{\n${lines.join("\n")}\n${"    ".repeat(depth)}}`;
  }
  // JSON's strings and numbers are Python's.
  return JSON.stringify(value);
}
