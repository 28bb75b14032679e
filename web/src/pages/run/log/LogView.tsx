import { ActionIcon, Select, TextInput, Tooltip } from "@mantine/core";
import { IconArrowBarToDown, IconChevronDown, IconChevronUp, IconDownload, IconSearch, IconTextWrap } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { address } from "@/api/client";
import { type LogState, useLog } from "@/api/logs";
import type { AttemptRow } from "@/api/runPage";
import { duration } from "@/formats/durations";
import { counted } from "@/formats/numbers";
import { PLAIN, type Span, type Style, styled } from "./ansi";
import { type LogLines, NO_LINES, shownLines, withPiece } from "./lines";
import classes from "./Log.module.css";
import { type Match, marked, matchesOf, MOST_MATCHES } from "./matches";

interface LogViewProps {
  readonly runId: string;
  readonly taskId: string;
  /** Oldest first, at least one. */
  readonly attempts: readonly AttemptRow[];
  /** Name of the task. */
  readonly name: string;
}

const LINE = 19;
const NEAR_END = 40;

/** The log of a task: of the newest attempt unless another is chosen. Follows its end until one scrolls up. */
export function LogView({ runId, taskId, attempts, name }: LogViewProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const attempt = attempts.find(({ id }) => id === chosen) ?? attempts.at(-1);
  if (attempt === undefined) return null;
  return <AttemptLog key={attempt.id} runId={runId} taskId={taskId} attempt={attempt} attempts={attempts} name={name} onChoose={setChosen} />;
}

interface AttemptLogProps extends LogViewProps {
  readonly attempt: AttemptRow;
  readonly onChoose: (id: string | null) => void;
}

function AttemptLog({ runId, taskId, attempt, attempts, name, onChoose }: AttemptLogProps) {
  const [log, setLog] = useState<LogLines>(NO_LINES);
  const feed = useMemo(
    () => ({
      onPiece: (piece: string) => setLog((known) => withPiece(known, piece)),
      onRestart: () => setLog(NO_LINES),
    }),
    [],
  );
  const state = useLog(runId, taskId, attempt.number, feed);
  const lines = useMemo(() => shownLines(log), [log]);
  const [wanted, setWanted] = useState("");
  const text = useDeferredValue(wanted);
  const matches = useMemo(() => matchesOf(lines, text), [lines, text]);
  const [at, setAt] = useState(0);
  const [wraps, setWraps] = useState(true);
  const current = matches[Math.min(at, matches.length - 1)];

  const step = (by: number) => setAt((from) => (matches.length === 0 ? 0 : (from + by + matches.length) % matches.length));
  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape" && wanted !== "") {
      event.stopPropagation();
      setWanted("");
    }
  };
  return (
    <div className={classes.log}>
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          size="xs"
          placeholder="Search the log"
          aria-label="Search the log"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={wanted}
          onChange={(event) => {
            setWanted(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onSearchKey}
        />
        {wanted !== "" && (
          <>
            <span className={classes.count} role="status">
              {matches.length === 0 ? "Not found" : `${Math.min(at, matches.length - 1) + 1} of ${matches.length}${matches.length === MOST_MATCHES ? "+" : ""}`}
            </span>
            <Tool label="Previous match" onClick={() => step(-1)} Icon={IconChevronUp} />
            <Tool label="Next match" onClick={() => step(1)} Icon={IconChevronDown} />
          </>
        )}
        <span className={classes.space} />
        {attempts.length > 1 && (
          <Select
            className={classes.attempts}
            size="xs"
            aria-label="Attempt"
            allowDeselect={false}
            value={attempt.id}
            onChange={onChoose}
            data={attempts.map((each) => ({ value: each.id, label: labelOf(each) }))}
          />
        )}
        <Tool label={wraps ? "Do not wrap lines" : "Wrap lines"} pressed={wraps} onClick={() => setWraps(!wraps)} Icon={IconTextWrap} />
        <Tooltip label="Download">
          <ActionIcon component="a" variant="subtle" color="gray" aria-label="Download the log" href={address(attempt.log_url)} download={`${name}-${attempt.number}.log`}>
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Lines log={log} lines={lines} matches={matches} current={current} wraps={wraps} name={name} />
      <p className={classes.state} role="status">
        {toldOf(state, log.dropped + lines.length, attempt.ended_at === null)}
      </p>
    </div>
  );
}

function toldOf(state: LogState, count: number, isUnderWay: boolean): string {
  switch (state) {
    case "reading":
      return isUnderWay ? "Following: what the task writes appears here." : "";
    case "complete":
      return count === 0 ? "The task wrote nothing." : `${counted(count, "line")}, complete.`;
    case "broken":
      return "The connection broke. Trying again.";
    case "refused":
      return "The server has no such log.";
  }
}

function labelOf({ number, state, started_at, ended_at }: AttemptRow): string {
  const took = started_at === null || ended_at === null ? "" : `, ${duration(ended_at - started_at)}`;
  return `Attempt ${number}: ${state.toLowerCase()}${took}`;
}

interface ToolProps {
  readonly label: string;
  readonly Icon: typeof IconSearch;
  readonly onClick: () => void;
  readonly pressed?: boolean;
}

function Tool({ label, Icon, onClick, pressed }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant={pressed === true ? "light" : "subtle"} color="gray" aria-label={label} aria-pressed={pressed} onClick={onClick}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

interface LinesProps {
  readonly log: LogLines;
  readonly lines: readonly string[];
  readonly matches: readonly Match[];
  readonly current: Match | undefined;
  readonly wraps: boolean;
  readonly name: string;
}

function Lines({ log, lines, matches, current, wraps, name }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 30,
    initialRect: { width: 500, height: 600 },
  });
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (follows && lines.length > 0) scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines.length, follows, scrollToIndex]);
  useEffect(() => {
    if (current !== undefined) scrollToIndex(current.line, { align: "center" });
  }, [current, scrollToIndex]);
  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (box !== null) setFollows(box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END);
  }, []);
  const styles = useMemo(() => begunStyles(lines), [lines]);
  const byLine = useMemo(() => {
    const found = new Map<number, Match[]>();
    for (const match of matches) found.set(match.line, [...(found.get(match.line) ?? []), match]);
    return found;
  }, [matches]);
  return (
    <div className={classes.frame}>
      <div ref={scroller} className={classes.lines} data-wraps={wraps || undefined} onScroll={onScroll} tabIndex={0} role="log" aria-live="off" aria-label={`Log of ${name}`}>
        {log.dropped > 0 && <p className={classes.dropped}>{log.dropped.toLocaleString("en")} earlier lines are not shown here; the download has them.</p>}
        <div className={classes.all} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div key={index} ref={virtual.measureElement} data-index={index} className={classes.line} style={{ transform: `translateY(${start}px)` }}>
              <span className={classes.number} aria-hidden>
                {log.dropped + index + 1}
              </span>
              <Line text={lines[index] ?? ""} begin={styles.get(index) ?? PLAIN} matches={byLine.get(index)} current={current?.line === index ? current : undefined} />
            </div>
          ))}
        </div>
      </div>
      {!follows && (
        <button type="button" className={classes.toEnd} onClick={() => setFollows(true)}>
          <IconArrowBarToDown size={15} aria-hidden /> To the end
        </button>
      )}
    </div>
  );
}

/** Styles that lines begin with because an earlier one did not end its own; most logs have none. */
function begunStyles(lines: readonly string[]): ReadonlyMap<number, Style> {
  const begun = new Map<number, Style>();
  let style = PLAIN;
  lines.forEach((line, index) => {
    if (style !== PLAIN) begun.set(index, style);
    if (line.includes("\u001b")) style = styled(line, style).end;
  });
  return begun;
}

interface LineProps {
  readonly text: string;
  readonly begin: Style;
  readonly matches: readonly Match[] | undefined;
  readonly current: Match | undefined;
}

const Line = memo(function Line({ text, begin, matches, current }: LineProps) {
  const spans = marked(styled(text, begin).spans, matches ?? []);
  return (
    <span className={classes.text}>
      {spans.map((span, index) =>
        span.match === null ? (
          <Piece key={index} span={span} />
        ) : (
          <mark key={index} data-current={span.match === current || undefined}>
            {span.text}
          </mark>
        ),
      )}
      {spans.length === 0 && "\u200b"}
    </span>
  );
});

function Piece({ span: { text, style } }: { readonly span: Span }) {
  if (style === PLAIN) return text;
  const [ink, ground] = style.inverse ? [style.ground ?? "var(--log-ground)", style.ink ?? "var(--log-ink)"] : [style.ink, style.ground];
  return (
    <span
      style={{
        ...(ink === null ? {} : { color: colour(ink) }),
        ...(ground === null ? {} : { backgroundColor: colour(ground) }),
        ...(style.bold ? { fontWeight: 700 } : {}),
        ...(style.dim ? { opacity: 0.7 } : {}),
        ...(style.italic ? { fontStyle: "italic" } : {}),
        ...(style.underline ? { textDecoration: "underline" } : {}),
      }}
    >
      {text}
    </span>
  );
}

function colour(value: number | string): string {
  return typeof value === "number" ? `var(--ansi-${value})` : value;
}
