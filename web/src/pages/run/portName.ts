/** The name of a port for a person: compilers put a prefix before what they pass through groups. */
export function portName(name: string): string {
  return name.replace(/^pipelinechannel--/u, "");
}
