import { useNavigate } from "@tanstack/react-router";
import type { VersionRow } from "@/api/types";
import { Ago } from "@/components/Ago";
import { DataTable, type Column } from "@/components/DataTable";
import { TextLink } from "@/components/links";

interface VersionsTableProps {
  versions: readonly VersionRow[];
  current: string;
  pipelineId: string;
}

/** All versions of a pipeline. */
export function VersionsTable({ versions, current, pipelineId }: VersionsTableProps) {
  const navigate = useNavigate();
  const columns: Column<VersionRow>[] = [
    {
      id: "name",
      header: "Version",
      cell: (row) => (
        <TextLink to="/pipelines/$pipelineId" params={{ pipelineId }} search={{ version: row.id }} fw={row.id === current ? 650 : 500} title={row.display_name}>
          {row.display_name}
          {row.id === current && " (shown)"}
        </TextLink>
      ),
    },
    { id: "description", header: "Description", width: "34%", cell: (row) => <span title={row.description}>{row.description}</span> },
    { id: "digest", header: "Digest", width: 130, cell: (row) => <code title={row.spec_digest}>{row.spec_digest.slice(0, 10)}</code> },
    { id: "by", header: "By", width: 110, cell: (row) => row.created_by },
    { id: "created", header: "Created", width: 140, cell: (row) => <Ago moment={row.created_at} /> },
  ];
  return (
    <DataTable<VersionRow>
      label="Versions"
      columns={columns}
      rows={versions}
      idOf={(row) => row.id}
      onOpen={(row) => void navigate({ to: "/pipelines/$pipelineId", params: { pipelineId }, search: { version: row.id } })}
    />
  );
}
