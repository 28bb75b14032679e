from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline
def settings(image: str = "python:3.12", cpu: str = "1", memory: str = "1Gi", kind: str = "gpu", count: str = "1"):
    say(text="a").set_caching_options(False)
    say(text="b").set_caching_options(True, cache_key="key")
    say(text="c").set_caching_options(enable_caching=False, cache_key="key")
    say(text="d").set_retry(3)
    say(text="e").set_retry(num_retries=2, backoff_duration="2 minutes", backoff_factor=1.5, backoff_max_duration="1h")
    say(text="f").set_display_name("A name")
    say(text="g").set_env_variable("A", "1").set_env_variable("B", "x y")
    say(text="h").set_container_image("python:3.9")
    say(text="i").set_container_image(image)
    say(text="j").set_cpu_request("0.5").set_cpu_limit("1500m").set_memory_request("512Mi").set_memory_limit("2G")
    say(text="k").set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(2)
    say(text="l").set_accelerator_type("nvidia.com/gpu")
    say(text="m").set_cpu_request(cpu).set_cpu_limit(cpu).set_memory_limit(memory).set_memory_request(memory)
    say(text="n").set_accelerator_type(kind).set_accelerator_limit(count)
    say(text="o").set_debug_pause()
    say(text="p").set_debug_pause(before=True, on_error=True)
    for size in ("1000", "1K", "1Ki", "1M", "1Mi", "1G", "1Gi", "1T", "1Ti", "1P", "1Pi", "1E", "1Ei"):
        say(text="q").set_memory_limit(size)
