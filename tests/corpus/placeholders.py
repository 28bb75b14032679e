"""Placeholders of the run and of the task, alone and inside texts."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def check(
    name: str, job: str, resource: str, task: str, root: str, created: str, scheduled: str, all_of_it: str
) -> str:
    from datetime import datetime

    datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ")
    datetime.strptime(scheduled, "%Y-%m-%dT%H:%M:%SZ")
    assert job in resource, (job, resource)
    assert root, root
    assert all_of_it == f"{name}/{task}/{job}", all_of_it
    return f"{name} {task}"


@dsl.pipeline(name="placeholders")
def pipeline():
    check(
        name=dsl.PIPELINE_JOB_NAME_PLACEHOLDER,
        job=dsl.PIPELINE_JOB_ID_PLACEHOLDER,
        resource=dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER,
        task=dsl.PIPELINE_TASK_NAME_PLACEHOLDER,
        root=dsl.PIPELINE_ROOT_PLACEHOLDER,
        created=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER,
        scheduled=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER,
        all_of_it=f"{dsl.PIPELINE_JOB_NAME_PLACEHOLDER}/{dsl.PIPELINE_TASK_NAME_PLACEHOLDER}/{dsl.PIPELINE_JOB_ID_PLACEHOLDER}",
    )


EXPECTED = {"tasks": {"check": "SUCCEEDED"}, "parameters": {"check.Output": "placeholders check"}}
