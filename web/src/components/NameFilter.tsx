import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

/** A part of a name that a list is narrowed to; told a moment after the last key. */
export function NameFilter({ name, change }: { name: string; change: (name: string) => void }) {
  const [text, setText] = useState(name);
  const [told, setTold] = useState(name);
  const later = useDebouncedCallback((next: string) => {
    setTold(next);
    change(next);
  }, 250);
  // The address may be changed elsewhere: by the way back, or by "Clear".
  if (name !== told) {
    setTold(name);
    setText(name);
  }
  const set = (next: string) => {
    setText(next);
    later(next);
  };
  return (
    <TextInput
      w={220}
      size="xs"
      aria-label="Name"
      placeholder="Name contains…"
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={text !== "" && <CloseButton size="xs" aria-label="Clear the name" onClick={() => set("")} />}
    />
  );
}
