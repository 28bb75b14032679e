"""PipelineSpec and PlatformSpec as frozen values, and the ways in and out of them. Start at spec."""
