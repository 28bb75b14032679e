from kfp import dsl


@dsl.component(
    base_image="python:3.11",
    task_config_passthroughs=[
        dsl.TaskConfigField.RESOURCES,
        dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True),
    ],
)
def launch(name: str, config: dsl.TaskConfig):
    print(name, config.resources)


@dsl.pipeline
def task_config():
    launch(name="x").set_cpu_limit("2").set_env_variable("A", "b")
