import { Link } from "@tanstack/react-router";
import { EmptyState } from "@/components/EmptyState";

/** No page has this address. */
export function NotFound() {
  return (
    <EmptyState title="There is no such page">
      The address leads nowhere. <Link to="/runs">All runs</Link>
    </EmptyState>
  );
}
