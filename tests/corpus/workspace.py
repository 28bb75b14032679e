"""The tasks of a run share a folder, by its placeholder and at its fixed place."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def write(folder: str, text: str) -> str:
    import os

    with open(os.path.join(folder, "note.txt"), "w") as out:
        out.write(text)
    return os.path.basename(folder)


@dsl.component(base_image="python:3.11")
def read(path: str) -> str:
    with open(path) as found:
        return found.read()


@dsl.pipeline(
    name="workspace",
    pipeline_config=dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(size="1Gi", kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={})),
        ttl_seconds_after_finished=3600,
        active_deadline_seconds=600,
    ),
)
def pipeline(text: str = "shared"):
    wrote = write(folder=dsl.WORKSPACE_PATH_PLACEHOLDER, text=text)
    read(path=f"{dsl.WORKSPACE_PATH_PLACEHOLDER}/note.txt").after(wrote)


EXPECTED = {
    "tasks": {"write": "SUCCEEDED", "read": "SUCCEEDED"},
    "parameters": {"write.Output": "*", "read.Output": "shared"},
}
