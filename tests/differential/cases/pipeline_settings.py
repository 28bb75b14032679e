from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline(
    pipeline_config=dsl.PipelineConfig(
        ttl_seconds_after_finished=60,
        ttl_seconds_after_success=30,
        ttl_seconds_after_failure=90,
        active_deadline_seconds=3600,
    )
)
def times():
    say(text="a")


@dsl.pipeline(
    pipeline_config=dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(
            size="10Gi", kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={"accessModes": ["ReadWriteMany"]})
        )
    )
)
def workspace():
    say(text=dsl.WORKSPACE_PATH_PLACEHOLDER)
    dsl.importer(artifact_uri="gs://a", artifact_class=dsl.Dataset, download_to_workspace=True)


@dsl.pipeline(pipeline_config=dsl.PipelineConfig(active_deadline_seconds=0))
def nothing_set():
    say(text="a")
