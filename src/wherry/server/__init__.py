"""The HTTP service: the KFP v2beta1 API over the engine and its store. Start at app."""
