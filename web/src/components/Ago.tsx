import { useEffect, useState } from "react";
import { ago, dateOf, timestamp } from "@/formats/moments";

/** How long ago something was; the moment itself when pointed at. */
export function Ago({ moment }: { moment: number }) {
  const now = useNow(15_000);
  return (
    <time dateTime={dateOf(moment).toISOString()} title={timestamp(moment)}>
      {ago(moment, now)}
    </time>
  );
}

/** The time in milliseconds, kept current. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
