"""From a traced Graph to a PipelineSpec, in named pure passes."""
