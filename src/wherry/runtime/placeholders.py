"""Texts that a backend replaces, in a task's arguments, when the task starts. The names are those of ``kfp.dsl``."""

PIPELINE_JOB_NAME_PLACEHOLDER = "{{$.pipeline_job_name}}"
"""Display name of the run."""

PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER = "{{$.pipeline_job_resource_name}}"
"""Name of the run in the engine below; here the same as the run's id."""

PIPELINE_JOB_ID_PLACEHOLDER = "{{$.pipeline_job_uuid}}"
"""Id of the run."""

PIPELINE_TASK_NAME_PLACEHOLDER = "{{$.pipeline_task_name}}"
"""Name of the task."""

PIPELINE_TASK_ID_PLACEHOLDER = "{{$.pipeline_task_uuid}}"
"""Id of the task."""

PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER = "{{$.outputs.output_file}}"
"""Path of the file that takes the task's ExecutorOutput as JSON."""

PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER = "{{$}}"
"""The task's whole ExecutorInput as JSON."""

PIPELINE_ROOT_PLACEHOLDER = "{{$.pipeline_root}}"
"""URI under which the run's artifacts lie."""

PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER = "{{$.pipeline_job_create_time_utc}}"
"""When the run was created, RFC 3339."""

PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER = "{{$.pipeline_job_schedule_time_utc}}"
"""When the run was due, RFC 3339; for a run that no schedule started, when it was created."""

WORKSPACE_PATH_PLACEHOLDER = "{{$.workspace_path}}"
"""Path of the folder that the tasks of the run share."""
