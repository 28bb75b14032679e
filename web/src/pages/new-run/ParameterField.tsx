import { Select, Text, Textarea, TextInput } from "@mantine/core";
import type { ParameterSignature } from "@/api/types";
import { typeWord } from "@/formats/parameterTypes";
import { textOf } from "./parameters";
import classes from "./ParameterField.module.css";

interface ParameterFieldProps {
  parameter: ParameterSignature;
  text: string;
  error?: string;
  change: (text: string) => void;
}

/** The field of one parameter, after its type. */
export function ParameterField({ parameter, text, error, change }: ParameterFieldProps) {
  const { name, type, description, has_default, is_optional } = parameter;
  const isDefault = has_default && text === textOf(type, parameter.default);
  const shared = {
    label: (
      <>
        <span className={classes.name}>{name}</span>{" "}
        <Text span size="xs" c="dimmed">
          {typeWord(type)}
          {isDefault ? " · default" : !has_default && is_optional ? " · may be left empty" : ""}
        </Text>
      </>
    ),
    description: description === "" ? undefined : description,
    error,
    required: !has_default && !is_optional,
    // The browser's own word would come before ours.
    withAsterisk: !has_default && !is_optional,
    inputWrapperOrder: ["label" as const, "input" as const, "description" as const, "error" as const],
  };
  const choices = choicesOf(parameter);
  if (choices !== undefined) {
    return (
      <Select
        {...shared}
        data={choices}
        value={text === "" ? null : text}
        onChange={(value) => change(value ?? "")}
        placeholder="Choose…"
        allowDeselect={!shared.required}
      />
    );
  }
  if (type === "LIST" || type === "STRUCT") {
    return (
      <Textarea
        {...shared}
        className={classes.json}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={14}
        spellCheck={false}
        placeholder={type === "LIST" ? "[…]" : "{…}"}
      />
    );
  }
  if (type === "STRING" && (text.includes("\n") || text.length > 80)) {
    return <Textarea {...shared} value={text} onChange={(event) => change(event.currentTarget.value)} autosize maxRows={12} spellCheck={false} />;
  }
  return (
    <TextInput
      {...shared}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      inputMode={type === "NUMBER_INTEGER" ? "numeric" : type === "NUMBER_DOUBLE" ? "decimal" : undefined}
      spellCheck={false}
      autoComplete="off"
    />
  );
}

function choicesOf({ type, literals }: ParameterSignature): string[] | undefined {
  if (literals.length > 0) return [...new Set(literals.map((literal) => textOf(type, literal)))];
  return type === "BOOLEAN" ? ["true", "false"] : undefined;
}
