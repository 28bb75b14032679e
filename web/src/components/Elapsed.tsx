import { duration } from "@/formats/durations";
import { useNow } from "./Ago";

/** How long something took, or has been going on. */
export function Elapsed({ from, to }: { from: number | null; to: number | null }) {
  if (from === null) return <>–</>;
  return to === null ? <Going from={from} /> : <>{duration(to - from)}</>;
}

function Going({ from }: { from: number }) {
  const now = useNow(1_000);
  return <>{duration(now * 1000 - from)}</>;
}
