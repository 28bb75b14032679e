import { Alert, Button, FileInput, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";
import { useUpload } from "@/api/pipelines";

interface UploadDialogProps {
  opened: boolean;
  close: () => void;
  /** The pipeline that gets a new version; without, a new pipeline is made. */
  pipeline?: { id: string; name: string };
}

/** Upload a compiled pipeline, as a new pipeline or as a new version of one. */
export function UploadDialog({ opened, close, pipeline }: UploadDialogProps) {
  return (
    <Modal opened={opened} onClose={close} title={pipeline === undefined ? "Upload a pipeline" : `New version of ${pipeline.name}`}>
      <UploadForm close={close} pipeline={pipeline} />
    </Modal>
  );
}

function UploadForm({ close, pipeline }: Omit<UploadDialogProps, "opened">) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [tried, setTried] = useState(false);
  const upload = useUpload();
  const navigate = useNavigate();

  const choose = (chosen: File | null) => {
    setFile(chosen);
    if (chosen !== null && name === "") setName(nameFrom(chosen.name));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (file === null || name.trim() === "") return;
    upload.mutate(
      { file, name: name.trim(), description, ...(pipeline === undefined ? {} : { pipelineId: pipeline.id }) },
      {
        onSuccess: (pipelineId) => {
          close();
          void navigate({ to: "/pipelines/$pipelineId", params: { pipelineId }, search: {} });
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <FileInput
          label="File"
          description="IR YAML, as the compiler writes it, or a .zip or .tar.gz of one"
          placeholder="Choose a file…"
          accept=".yaml,.yml,.json,.zip,.gz,.tgz"
          leftSection={<IconFileUpload size={16} />}
          value={file}
          onChange={choose}
          error={tried && file === null && "A file is needed."}
          withAsterisk
        />
        <TextInput
          label={pipeline === undefined ? "Name" : "Name of the version"}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={tried && name.trim() === "" && "A name is needed."}
          withAsterisk
        />
        <Textarea label="Description" value={description} onChange={(event) => setDescription(event.currentTarget.value)} autosize maxRows={6} />
        {upload.isError && (
          <Alert color="red" title="The upload was refused" role="alert">
            {upload.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={upload.isPending}>
            Upload
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A first guess at the name. */
function nameFrom(fileName: string): string {
  return fileName.replace(/\.(ya?ml|json|zip|tgz|tar\.gz|gz)$/i, "");
}
