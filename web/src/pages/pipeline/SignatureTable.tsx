import { Table } from "@mantine/core";
import type { Signature } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { typeWord } from "@/formats/parameterTypes";
import { inline, typeName } from "@/formats/values";
import classes from "./SignatureTable.module.css";

/** What a pipeline or a component takes and gives. */
export function SignatureTable({ signature, compact = false }: { signature: Signature; compact?: boolean }) {
  const { input_parameters, input_artifacts, output_parameters, output_artifacts } = signature;
  const inputs = [
    ...input_parameters.map((one) => ({
      ...one,
      kind: typeWord(one.type),
      fallback: one.has_default ? inline(one.default === "" ? '""' : one.default) : one.is_optional ? "optional" : "required",
      isDefault: one.has_default,
    })),
    ...input_artifacts.map((one) => ({
      ...one,
      kind: one.is_list ? `list of ${typeName(one.type)}` : typeName(one.type),
      fallback: one.is_optional ? "optional" : "required",
      isDefault: false,
    })),
  ];
  const outputs = [
    ...output_parameters.map((one) => ({ name: one.name, description: one.description, kind: typeWord(one.type) })),
    ...output_artifacts.map((one) => ({
      name: one.name,
      description: one.description,
      kind: one.is_list ? `list of ${typeName(one.type)}` : typeName(one.type),
    })),
  ];
  if (inputs.length === 0 && outputs.length === 0)
    return compact ? null : <EmptyState title="No parameters">This pipeline takes nothing and gives nothing back.</EmptyState>;
  return (
    <>
      {inputs.length > 0 && (
        <Table className={classes.table} verticalSpacing={6}>
          <caption className={classes.caption}>Inputs</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Default</th>
              {!compact && <th scope="col">Description</th>}
            </tr>
          </thead>
          <tbody>
            {inputs.map((one) => (
              <tr key={one.name}>
                <td className={classes.name}>{one.name}</td>
                <td className={classes.type}>{one.kind}</td>
                <td>{one.isDefault ? <code className={classes.value}>{one.fallback}</code> : <span className={classes.soft}>{one.fallback}</span>}</td>
                {!compact && <td className={classes.soft}>{one.description}</td>}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {outputs.length > 0 && (
        <Table className={classes.table} verticalSpacing={6}>
          <caption className={classes.caption}>Outputs</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              {!compact && <th scope="col">Description</th>}
            </tr>
          </thead>
          <tbody>
            {outputs.map((one) => (
              <tr key={one.name}>
                <td className={classes.name}>{one.name}</td>
                <td className={classes.type}>{one.kind}</td>
                {!compact && <td className={classes.soft}>{one.description}</td>}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </>
  );
}
