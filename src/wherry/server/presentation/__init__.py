"""Records of the model as messages of the API, one module per resource. Pure."""
